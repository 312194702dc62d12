"""The live simulator: what visitors, buyers, sellers and fraudsters do now, in a running shop's database.

Belongs here: a run, from the words that ask for it (`asked`, `scenarios`) over its pace (`run`) to its
figures (`status`). Doesn't: the past (`tradewind.marketplace.simulator.history`) and the parameters
(`tradewind.marketplace.simulator.parameters`).
"""
