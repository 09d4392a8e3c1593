"""A stand-in for the MiniMax video service that speaks real HTTP on loopback.

Both APIs, uploads, callbacks and, where an identity is passed to `running`, TLS. It is the other side of the wire: it imports
nothing of the bot's, and its rules are written from the provider's documentation a second time, so that client and simulator
check one another. Typical use, in a test or the demo:

    simulator = Simulator(keys={"demo": SecretStr("demo-key")}, plan=StagePlan.taking(4))
    simulator.faults.add("query=http:502,times=2")
    async with running(simulator) as url:
        ...
    assert len(simulator.ledger.paid_creates()) == 1
"""
