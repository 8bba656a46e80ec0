"""Real, small stand-ins for what crewboard talks to: servers on the loopback, not mocks."""
