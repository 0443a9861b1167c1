"""`voice-agent privacy`: the proof that personal data stays out."""

from voice_agent.cli import group
from voice_agent.cli.prove import prove

app = group("Personal data: the proof that it stays out.")
app.command()(prove)
