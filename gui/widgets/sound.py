"""The knock of a wooden piece on a board, computed here; silent where there is no sound card."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pygame

_RATE: Final = 44100


def _knock(pitch: float, seconds: float, loudness: float) -> bytes:
    """A short damped knock as 16-bit mono samples."""
    time = np.arange(int(_RATE * seconds)) / _RATE
    random = np.random.Generator(np.random.PCG64(3))
    tones = sum(
        share * np.sin(2 * np.pi * pitch * ratio * time) * np.exp(-time * damping)
        for ratio, share, damping in ((1.0, 0.7, 55.0), (2.32, 0.4, 90.0), (3.9, 0.22, 140.0))
    )
    attack = random.normal(size=time.size) * np.exp(-time * 420) * 0.5
    wave = np.clip((tones + attack) * loudness, -1, 1)
    return (wave * 32767).astype("<i2").tobytes()


def _may_have_sound() -> bool:
    """False on a Linux machine with neither card nor sound server, where ALSA would fill stderr with faults."""
    if not sys.platform.startswith("linux") or os.environ.get("SDL_AUDIODRIVER"):
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))
    servers = "PULSE_SERVER" in os.environ or (runtime / "pulse/native").exists() or (runtime / "pipewire-0").exists()
    return servers or any(Path("/dev/snd").glob("pcm*p"))


class Sounds:
    """Plays a knock for a move, a lower one for a capture, a brighter one for check."""

    def __init__(self) -> None:
        self._sounds: dict[str, pygame.mixer.Sound] | None = None

    def prepare(self) -> None:
        """Open the sound device; may take a moment, so it is done after the window is on the screen."""
        if self._sounds is not None:
            return
        self._sounds = {}
        if not _may_have_sound():
            return
        try:
            pygame.mixer.init(_RATE, -16, 1, 512)
            for name, pitch, seconds in (("move", 420.0, 0.14), ("capture", 260.0, 0.2), ("check", 660.0, 0.22)):
                self._sounds[name] = pygame.mixer.Sound(buffer=_knock(pitch, seconds, 0.55))
        except (pygame.error, NotImplementedError):
            self._sounds = {}

    def play(self, name: str, volume: float = 1.0) -> None:
        """Play ``move``, ``capture`` or ``check``; ``volume`` from 0 to 1."""
        sound = (self._sounds or {}).get(name)
        if sound is not None:
            sound.set_volume(volume)
            sound.play()
