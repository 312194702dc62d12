"""What there is before anyone acts: places, people, partners, goods, promotions, campaigns, rates."""
