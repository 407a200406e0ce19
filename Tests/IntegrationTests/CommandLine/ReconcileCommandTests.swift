import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReconcileCommandTests {
    @Test func booksThatAgreeAreShownAndLeftAlone() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let outcome = try await shell.seckill("reconcile", "--apply", "-o", "json")
            #expect(outcome.status == 0, "\(outcome.messages)")
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
            let applied = try await shell.seckill("reconcile", "--sale", shell.sale, "--apply")
            #expect(applied.status == 0, "\(applied.messages)")
            #expect(applied.messages.contains("rebuilt"))
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

    @Test func anUnknownSaleIsNotFound() async throws {
        try await withOperator { shell in
            let outcome = try await shell.seckill("reconcile", "--sale", "nothing")
            #expect(outcome.status == 3)
        }
    }
}
