"""The conversation: Rasa custom actions by topic. A tracker goes in, response names and values come out."""
