"""DynamoDB where MiniStack differs: tables with strong consistency between Regions, and their settings."""
