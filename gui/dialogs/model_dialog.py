"""Choosing the folder of the model that is played against."""

from __future__ import annotations

from ..i18n.texts import Texts
from ..state.intents import UseModel
from .folder_dialog import FolderDialog


class ModelDialog(FolderDialog):
    """A path that can be typed or looked for; empty for the model that ships."""

    def __init__(self, texts: Texts, folder: str) -> None:
        super().__init__(texts("model_title"), texts("model_example"), texts, UseModel, folder)
