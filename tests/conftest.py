pytest_plugins = ["tests.models_fixture", "tests.text_fixture", "tests.fakes.prism"]
