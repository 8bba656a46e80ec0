"""Who decides: roles as LangGraph graphs, the crew that holds them, and the models they ask."""
