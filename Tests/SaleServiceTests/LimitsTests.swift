import SaleService
import Testing

/// Relations between bounds that stand in different places and hold only together.
@Suite struct LimitsTests {
    /// A purchase is granted and waits for its commit at most until the wait that was promised,
    /// counted from the request's first byte. Were the total deadline shorter than that, it would
    /// cut off buyers who have an order, and tell them that nothing is known.
    @Test func noPurchaseIsStillWaitingWhenItsRequestIsCutOff() {
        #expect(Limits.requestReadSeconds + Limits.waitSecondsMax < Limits.requestTotalSeconds)
    }

    /// One reply may be lost right at the end of the wait.
    @Test func aLastCallToRedisEndsBeforeTheRequestDoes() {
        #expect(Limits.requestReadSeconds + Limits.waitSecondsMax + Limits.redisReplySeconds < Limits.requestTotalSeconds)
    }

    @Test func aRequestEndsBeforeTheDrainGivesUp() {
        #expect(Limits.requestTotalSeconds < Limits.drainSeconds)
    }

    /// An order that its own node still writes is not yet another node's business, and a call that
    /// is still awaited is no leftover.
    @Test func aCallIsAwaitedForLessThanAnEntryNeedsToBecomeALeftover() {
        #expect(Int64(Limits.redisReplySeconds) * 1_000 < Limits.leftoverAgeMilliseconds)
    }

    /// A sweep that looked at them sooner would ask Postgres about orders that are settled.
    @Test func aSettlementIsKeptForMuchLessThanAnEntryNeedsToBecomeALeftover() {
        #expect(Limits.settlementDelay * 10 <= .milliseconds(Limits.leftoverAgeMilliseconds))
    }

    /// A node may have an answer of Postgres from just before the epoch began, then waits for its
    /// next look, which in turn may wait for Postgres in vain once more. A rebuild that reads the
    /// orders before every node has noticed misses the keys of those that are granted meanwhile.
    @Test func aRebuildPausesUntilEveryNodeHasNoticed() {
        let noticed = Limits.ledgerPatience + Limits.lookInterval + Limits.ledgerPatience + Limits.lookDuration
        #expect(noticed <= Limits.noticePause)
    }

    @Test func aLookIsNeverPutOffByItsJitter() {
        #expect(.zero <= Limits.lookJitter && Limits.lookJitter < Limits.lookInterval)
    }

    /// Units that come back wait for the mover's turn, then for a node's look.
    @Test func unitsThatComeBackAreOnSaleWithinASecond() {
        #expect(Limits.moveInterval + Limits.lookInterval + Limits.ledgerPatience <= .seconds(1))
    }

    @Test func browsingIsShedBeforePurchases() {
        #expect(Limits.loopLagBrowsingMaxMilliseconds < Limits.loopLagMaxMilliseconds)
    }

    @Test func whatEveryLoopMayHaveUnderWayCanBeAbandoned() {
        #expect(Limits.batchRequestsMax * Limits.callsInFlightMax <= Limits.unknownOrdersMax)
    }

    @Test func aTokenLeavesRoomForTheOtherHeaders() {
        #expect(Limits.tokenBytesMax < Limits.headerBytesMax)
    }
}
