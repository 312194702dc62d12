"""What exists before anybody orders: places, people, partners, catalogue, promotions, campaigns, rates."""
