"""The network: an encoder, its mean-pooled sentence vector, and one linear head for each question."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from nlp.sentiment.trained import HEADS


class Network(nn.Module):
    """(ids, mask) of shape (posts, tokens) → logits of shape (posts, 25), the heads side by side."""

    def __init__(self, base: Path | BertConfig, *, dropout: float = 0.1) -> None:
        """`base`: a folder with the encoder's weights, or its configuration, for weights that are loaded next."""
        super().__init__()
        self.encoder = _encoder(base)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(self.encoder.config.hidden_size, sum(HEADS.values()))

    def pool(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The mean of the tokens' states: shape (posts, hidden)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(states.dtype)
        pooled: Tensor = (states * weight).sum(1) / weight.sum(1)
        return pooled

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = self.heads(self.dropout(self.pool(ids, mask)))
        return logits


def split_heads(logits: Tensor) -> dict[str, Tensor]:
    """The one output row, cut into heads."""
    return dict(zip(HEADS, torch.split(logits, list(HEADS.values()), dim=-1), strict=True))


def _encoder(base: Path | BertConfig) -> BertModel:
    if isinstance(base, BertConfig):
        return BertModel(base, add_pooling_layer=False)
    return BertModel.from_pretrained(base, dtype=torch.float32, add_pooling_layer=False)
