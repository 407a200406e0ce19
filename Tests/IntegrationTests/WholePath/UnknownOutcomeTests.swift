import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// A script call without an answer may have granted or not. What the buyer hears becomes true
/// either way.
@Suite(.timeLimit(.minutes(2))) struct UnknownOutcomeTests {
    /// Freezes Redis while purchases are on their way, so long that the service gives their calls
    /// up; thawed, Redis carries the calls out all the same.
    private func withLostReplies(
        key: String? = nil, _ check: @Sendable (_ answer: Answer, ServiceUnderTest, StoresUnderTest, SaleID) async throws -> Void
    ) async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 1)
                try await withService(over: stores, ["SECKILL_COMMIT_WAIT": "200ms"]) { service in
                    try await service.sees(sale, "open")
                    redis.freeze()
                    let answer = try await service.buy(sale, as: "ann", headers: key.map { [("Idempotency-Key", $0)] } ?? [])
                    redis.thaw()
                    try await check(answer, service, stores, sale)
                    // The grant that came too late is found in the log, and undone.
                    try await eventually {
                        let stock = try await stores.store.read(sale)
                        return try await stores.store.unitsInFlight(of: sale).isEmpty && stock != nil ? true : nil
                    }
                    #expect(try await stores.operations.audit(sale).breaches.isEmpty)
                }
            }
        }
    }

    @Test func aBuyerWhoHearsRecoveringHasNoOrderAndTheUnitIsSoldToWhoeverComesNext() async throws {
        try await withLostReplies { answer, service, stores, sale in
            #expect(answer.status == 503 && answer.code == "recovering")
            // Why the refusal is true: before it left, Postgres had a verdict that no later grant
            // can undo.
            let abandoned = try await stores.orders(of: sale, state: .rejected)
            #expect(abandoned.map(\.user) == [UserID("ann")!])
            #expect(try await stores.rejections(of: sale) == ["abandoned"])
            let next = try await service.eventually(for: .seconds(20)) {
                try await service.buy(sale, as: "bob")
            } until: {
                $0.status == 201
            }
            let live = try await stores.orders(of: sale).filter(\.state.isLive)
            #expect(live.map(\.id) == [try #require(next.id)])
        }
    }

    @Test func theKeyOfAPurchaseThatCameToNothingIsFreeForTheNextAttempt() async throws {
        try await withLostReplies(key: "k") { answer, service, stores, sale in
            #expect(answer.code == "recovering")
            #expect(try await stores.rejections(of: sale) == ["abandoned"])
            let again = try await service.eventually(for: .seconds(20)) {
                try await service.buy(sale, as: "ann", headers: [("Idempotency-Key", "k")])
            } until: {
                $0.status == 201
            }
            let replay = try await service.buy(sale, as: "ann", headers: [("Idempotency-Key", "k")])
            #expect(replay.text == again.text)
            #expect(try await stores.orders(of: sale).count(where: { $0.state.isLive }) == 1)
        }
    }
}
