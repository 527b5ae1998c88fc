"""From the drawing and the models to what is published: JSON Schemas, one AsyncAPI document, and tables for readers."""
