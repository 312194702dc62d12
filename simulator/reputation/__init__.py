"""The reputation service: what is known of addresses and devices, asked over HTTP as of a real vendor."""
