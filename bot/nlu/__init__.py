"""Understanding: what a message asks (intent) and which facts it gives (entities); runs in the Rasa environment."""
