"""The conversation: Rasa custom actions, one file per topic. A tracker goes in, response names with values come out."""
