"""Text to speech by Piper. piper-tts is GPL-3.0-or-later: it is imported in this package and nowhere else."""

from voice_agent.adapters.piper_tts.speaker import PiperSpeaker

__all__ = ["PiperSpeaker"]
