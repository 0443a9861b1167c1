from hypothesis import settings

pytest_plugins = ["tests.models_fixture", "tests.text_fixture", "tests.fakes.prism"]

# The same examples every time: a failure is one of the change at hand. `--hypothesis-profile=default` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
