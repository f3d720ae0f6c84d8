"""Channels: the ways a message reaches the gateway."""
