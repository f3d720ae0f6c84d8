"""What needs Rasa runs in its own environment, called by test_rasa_environment.py."""

collect_ignore = ["rasa_env"]
