import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct OperatorCommandTests {
    @Test func aSecondApplyChangesNothing() async throws {
        try await withOperator { shell in
            let first = try await shell.seckill("sale", "apply", "-f", "-", "-o", "json", input: shell.yaml)
            #expect(first.status == 0, "\(first.messages)")
            #expect((try first.json()["changes"] as? [Any])?.isEmpty == false)
            let second = try await shell.seckill("sale", "apply", "-f", "-", "-o", "json", input: shell.yaml)
            #expect(second.status == 0, "\(second.messages)")
            #expect((try second.json()["changes"] as? [Any])?.isEmpty == true)
            #expect(try await shell.stock() == [100, 0, 100])
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await withOperator { shell in
            let creation = try await shell.seckill("sale", "apply", "-f", "-", "--dry-run", input: shell.yaml)
            #expect(creation.status == 0 && creation.data.contains("lamp"), "\(creation.messages)")
            #expect(try await shell.seckill("sale", "show", shell.sale).status == 3)
            try await shell.apply()
            let addition = try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "7", "--dry-run")
            #expect(addition.status == 0 && addition.data.contains("107"), "\(addition.messages)")
            #expect(try await shell.seckill("sale", "close", shell.sale, "--dry-run").status == 0)
            #expect(try await shell.stock() == [100, 0, 100])
            #expect(try await shell.seckill("sale", "show", shell.sale, "-o", "json").json()["status"] as? String == "open")
        }
    }

    @Test func operatorsAtOnceLoseNothing() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "10").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 0, count: 6))
            #expect(try await shell.stock() == [160, 0, 160])
        }
    }

    @Test func unitsThatNobodyHoldsCanBeTakenOffSale() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let outcome = try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "-30")
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(try await shell.stock() == [70, 0, 70])
        }
    }

    @Test func aNegativeNumberMayStandBehindTwoDashes() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let outcome = try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "--", "-30")
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(try await shell.stock() == [70, 0, 70])
        }
    }

    @Test func stockBelowWhatIsCommittedIsAConflict() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<5)
            let outcome = try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "-96")
            #expect(outcome.status == 4)
            #expect(outcome.messages == "error: lamp: stock cannot become 4, for 5 units are in live orders\n")
            #expect(try await shell.stock() == [100, 5, 100])
        }
    }

    /// Redis has granted them, and Postgres does not know it yet.
    @Test func stockBelowWhatIsGrantedIsAConflict() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.moveAvailable(by: -60)
            let outcome = try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "-50")
            #expect(outcome.status == 4)
            #expect(
                outcome.messages
                    == "error: lamp: stock cannot become 50, for only 40 of 100 units are not yet granted; it can become 60\n")
            #expect(try await shell.stock() == [100, 0, 40])
        }
    }

    @Test func aClosedSaleStaysClosed() async throws {
        try await withOperator { shell in
            try await shell.apply()
            for (command, status) in [("pause", 0), ("resume", 0), ("close", 0), ("close", 0), ("resume", 4), ("pause", 4)] as [(String, Int32)] {
                let outcome = try await shell.seckill("sale", command, shell.sale)
                #expect(outcome.status == status, "\(command): \(outcome.messages)")
            }
        }
    }

    @Test func csvLoadsItemsBesideThoseThatAreThere() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let csv = "sku,title,unit_price,currency,stock,limit_per_user\r\nshade,\"Shade, green\",499,EUR,20,3\r\n"
            let outcome = try await shell.seckill("stock", "load", "--sale", shell.sale, "-f", "-", input: csv)
            #expect(outcome.status == 0, "\(outcome.messages)")
            let items = try await shell.seckill("stock", "show", "--sale", shell.sale, "-o", "json").json()["items"] as? [[String: Any]]
            #expect(items?.map { $0["sku"] as? String } == ["lamp", "shade"])
            #expect(items?.map { $0["available"] as? Int } == [100, 20])
        }
    }

    @Test func aBadLineLoadsNothing() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let csv = "sku,title,unit_price,currency,stock,limit_per_user\nshade,Shade,499,EUR,20,3\nbulb,Bulb,99,EUR,lots,3\n"
            let outcome = try await shell.seckill("stock", "load", "--sale", shell.sale, "-f", "-", input: csv)
            #expect(outcome.status == 2)
            #expect(outcome.messages == "error: -: line 3: stock: must be a whole number, not \"lots\"\n")
            #expect(try await shell.seckill("stock", "show", "--sale", shell.sale).data.contains("shade") == false)
        }
    }

    @Test func ordersAreListedNewestFirst() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<3)
            let list = try await shell.seckill("order", "list", "--sale", shell.sale, "--limit", "2", "-o", "json")
            let orders = try list.json()["orders"] as? [[String: Any]]
            #expect(orders?.map { $0["user"] as? String } == ["user-2", "user-1"])
            #expect(list.messages.contains("there are more"))
            let id = try #require(orders?.first?["id"] as? String)
            let order = try await shell.seckill("order", "show", id, "-o", "json").json()
            #expect(order["state"] as? String == "awaiting_payment" && order["unit_price"] as? Int == 1_999)
            let one = try await shell.seckill("order", "list", "--sale", shell.sale, "--user", "user-0", "--state", "paid", "-o", "json")
            #expect((try one.json()["orders"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func salesAreListedAsATableAndAsJSON() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let table = try await shell.seckill("sale", "list")
            #expect(table.status == 0 && table.data.hasPrefix("SALE ") && table.data.contains("\n\(shell.sale) "))
            let sales = try await shell.seckill("sale", "list", "-o", "json").json()["sales"] as? [[String: Any]]
            #expect(sales?.map { $0["sale"] as? String } == [shell.sale])
            #expect(sales?.first?["state"] as? String == "open")
        }
    }
}
