import NIOHTTP1
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// The synchronous standby is away and the primary is restarted meanwhile: it then shows rows that
/// the standby lacks, and that are lost with it.
@Suite(.timeLimit(.minutes(4))) struct StandbyTests {
    enum Aftermath {
        case standbyReturns
        case primaryIsLost
    }

    @Test(arguments: [(ReplicaPair.End.crash, Aftermath.primaryIsLost), (.orderly, .standbyReturns)])
    func noAnswerCallsAnOrderConfirmedThatTheStandbyLacks(end: ReplicaPair.End, aftermath: Aftermath) async throws {
        try await withReplicas { pair in
            try await withStores(databaseURL: pair.url) { stores in
                let sale = try await stores.makeSale(stock: 10)
                try await withService(over: stores, ["SECKILL_COMMIT_WAIT": "500ms"]) { service in
                    try await service.sees(sale, "open")
                    let ann = try await buy(service, sale, "ann")
                    #expect(ann.status == 201, "\(ann.text)")

                    await pair.stopStandby()
                    let bob = try await buy(service, sale, "bob")
                    #expect(bob.status == 202, "\(bob.text)")
                    let order = try #require(bob.id)
                    try await isUnready(service, because: "writer")

                    await pair.stopPrimary(by: end)
                    try await pair.startPrimary()
                    try await eventually(for: .seconds(30)) {
                        (try? await LedgerUnderTest(url: pair.primaryURL).number("SELECT count(*) FROM orders WHERE user_id = 'bob'")) == 1
                            ? true : nil
                    }
                    for _ in 1...3 {
                        let again = try await buy(service, sale, "bob")
                        #expect([202, 503].contains(again.status), "\(again.text)")
                        for path in ["/v1/orders/\(order)", "/v1/orders"] {
                            let shown = try await service.send(.GET, path, headers: [("X-User-Id", "bob")])
                            #expect(!shown.text.contains("awaiting_payment"), "\(path): \(shown.text)")
                        }
                    }

                    switch aftermath {
                    case .standbyReturns: try await pair.startStandby()
                    case .primaryIsLost:
                        await pair.stopPrimary(by: .crash)
                        try await pair.startStandby()
                        try await pair.promoteStandby()
                    }
                    let confirmed = try await service.eventually(for: .seconds(60)) {
                        try await buy(service, sale, "bob")
                    } until: {
                        $0.status == 201
                    }
                    #expect(confirmed.id == order)
                    for (user, id) in [("ann", try #require(ann.id)), ("bob", order)] {
                        let shown = try await service.eventually(for: .seconds(30)) {
                            try await service.send(.GET, "/v1/orders/\(id)", headers: [("X-User-Id", user)])
                        } until: {
                            $0.status == 200
                        }
                        #expect(shown.json["state"] as? String == "awaiting_payment", "\(shown.text)")
                    }
                    _ = try await service.eventually(for: .seconds(30)) {
                        try await service.send(.GET, "/readyz")
                    } until: {
                        $0.status == 200
                    }
                }
                #expect(try await stores.operations.audit(sale).breaches.isEmpty)
            }
        }
    }

    private func buy(_ service: ServiceUnderTest, _ sale: SaleID, _ user: String) async throws -> Answer {
        try await service.buy(sale, as: user, headers: [("Idempotency-Key", "key-of-\(user)")])
    }

    /// Waits until the node says that it is not ready, and which check says so.
    private func isUnready(_ service: ServiceUnderTest, because check: String) async throws {
        let answer = try await service.eventually(for: .seconds(30)) {
            try await service.send(.GET, "/readyz?verbose")
        } until: {
            $0.status == 503
        }
        let checks = answer.json["checks"] as? [[String: Any]] ?? []
        #expect(checks.filter { $0["ok"] as? Bool == false }.compactMap { $0["name"] as? String } == [check], "\(answer.text)")
    }
}
