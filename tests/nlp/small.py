"""A base encoder small enough to train in a test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from nlp.sentiment.transformer import BUNDLED


def vocabulary() -> int:
    """Enough rows for every id of the bundled tokenizer."""
    return len(json.loads((BUNDLED / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]) + 16


def small_encoder(folder: Path) -> Path:
    """Into `folder`, as transformers saves it: three layers, 64 wide, random weights, the bundled tokenizer."""
    torch.manual_seed(3)
    shutil.copyfile(BUNDLED / "tokenizer.json", folder / "tokenizer.json")
    shape = BertConfig(
        vocab_size=vocabulary(),
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=256,
        layer_norm_eps=1e-12,
        pad_token_id=1,
    )
    BertModel(shape, add_pooling_layer=False).save_pretrained(folder)
    return folder
