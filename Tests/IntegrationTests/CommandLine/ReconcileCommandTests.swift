import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReconcileCommandTests {
    @Test func booksThatAgreeAreShownAndLeftAlone() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let outcome = try await shell.seckill("reconcile", "--apply", "-o", "json", "--reason", "to be sure")
            #expect(outcome.status == 0 && outcome.messages.contains("--reason was not kept"), "\(outcome.messages)")
            let item = try #require((try outcome.json()["items"] as? [[String: Any]])?.first)
            #expect(item["available"] as? Int == 100 && item["expected"] as? Int == 100 && item["certain"] as? Bool == true)
            #expect(!outcome.messages.contains("rebuilt"))
        }
    }

    @Test(arguments: [-3, 3])
    func aNumberThatSomebodyChangedIsShownAndWithApplyRepaired(units: Int) async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.moveAvailable(by: units)
            let shown = try await shell.seckill("reconcile", "--sale", shell.sale, "-o", "json")
            #expect(shown.status == 7)
            #expect((try shown.json()["items"] as? [[String: Any]])?.first?["units"] as? Int == units)
            #expect(try await shell.stock() == [100, 0, 100 + units])
            let applied = try await shell.seckill("reconcile", "--sale", shell.sale, "--apply", "--reason", "a hand in Redis")
            #expect(applied.status == 0, "\(applied.messages)")
            #expect(applied.messages.contains("rebuilt") && !applied.messages.contains("--reason"), "\(applied.messages)")
            let history = try await shell.seckill("history", "--sale", shell.sale, "--limit", "1", "-o", "csv").data
            #expect(history.contains(",a hand in Redis,") && history.contains(",rebuilt in Redis from Postgres"), "\(history)")
            #expect(try await shell.stock() == [100, 0, 100])
            #expect(try await shell.seckill("audit", "--sale", shell.sale).status == 0)
        }
    }

    @Test func ordersThatRedisDoesNotCountAreNamed() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<2)
            let shown = try await shell.seckill("reconcile", "-o", "json")
            #expect(shown.status == 7)
            let item = try #require((try shown.json()["items"] as? [[String: Any]])?.first)
            #expect((item["missing_orders"] as? [String])?.count == 2)
            #expect(item["units"] as? Int == 2)
            #expect(try await shell.seckill("reconcile", "--apply").status == 0)
            #expect(try await shell.seckill("audit").status == 0)
        }
    }

    /// What is left of orders whose buyers heard 201 before a failover lost them.
    @Test func ordersThatPostgresHasLostAreNamedAndKeepTheirUnitsUntilTheOperatorSaysOtherwise() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<2)
            let lost = try await shell.lose([("ann", "key-1"), ("bob", nil)])
            let expected: Set = [
                Reconciled.Surplus(order: "\(lost[0])", user: "ann", quantity: 1, key: "key-1", recorded: false),
                Reconciled.Surplus(order: "\(lost[1])", user: "bob", quantity: 1, key: nil, recorded: false),
            ]
            func surplus(_ arguments: String...) async throws -> (status: Int32, orders: Set<Reconciled.Surplus>) {
                let outcome = try await shell.seckill.callAsFunction(["reconcile", "-o", "json"] + arguments)
                return (outcome.status, Set(try outcome.json(as: Reconciled.self).items.flatMap(\.surplusOrders)))
            }
            let shown = try await surplus()
            #expect(shown.status == 7 && shown.orders == expected)
            let table = try await shell.seckill("reconcile")
            #expect(table.data.contains("\(lost[0])") && table.data.contains("key-1") && table.data.contains("lost"), "\(table.data)")

            // All else is repaired, and whoever was told that they have a lamp still keeps it from
            // others.
            let kept = try await surplus("--apply")
            #expect(kept.status == 7 && kept.orders == expected)
            #expect(try await shell.stock() == [100, 2, 96])
            let audit = try await shell.seckill("audit")
            #expect(audit.status == 7 && audit.data.contains("I4 2 units leaked"), "\(audit.data)")
            let line = "order \(lost[0]) of user ann, 1 × lamp, key key-1: not in Postgres, "
            #expect(try await shell.auditTrail().suffix(3).contains(line + "kept in Redis"))
            // Nothing is left to repair: no buyer hears `recovering` for it.
            let again = try await shell.seckill("reconcile", "--apply")
            #expect(again.status == 7 && !again.messages.contains("rebuilt") && again.messages.contains("--drop-surplus"), "\(again.messages)")

            let dropped = try await surplus("--apply", "--drop-surplus")
            #expect(dropped.status == 0 && dropped.orders == expected)
            #expect(try await shell.stock() == [100, 2, 98])
            #expect(try await shell.seckill("audit").status == 0)
            #expect(try await shell.auditTrail().suffix(3).contains(line + "dropped from Redis"))
        }
    }

    @Test func droppingWithoutApplyIsWrongUsage() async throws {
        let outcome = try await SeckillCommand()("reconcile", "--drop-surplus")
        #expect(outcome.status == 2 && outcome.messages.contains("--apply"), "\(outcome.messages)")
    }

    @Test func anUnknownSaleIsNotFound() async throws {
        try await withOperator { shell in
            let outcome = try await shell.seckill("reconcile", "--sale", "nothing")
            #expect(outcome.status == 3)
        }
    }
}

private struct Reconciled: Decodable {
    struct Surplus: Decodable, Hashable {
        let order: String
        let user: String
        let quantity: Int
        let key: String?
        let recorded: Bool
    }
    struct Item: Decodable {
        enum CodingKeys: String, CodingKey {
            case surplusOrders = "surplus_orders"
        }

        let surplusOrders: [Surplus]
    }

    let items: [Item]
}
