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

    /// Units were added since the file was written, and the file is applied again for something
    /// else.
    @Test func anotherApplyLeavesTheStockOfItemsAloneAndSaysSo() async throws {
        try await withOperator { shell in
            try await shell.apply()
            #expect(try await shell.seckill("stock", "add", "--sale", shell.sale, "--sku", "lamp", "50").status == 0)
            let yaml =
                shell.yaml.replacing("2036", with: "2037")
                + "\n  - { sku: shade, title: S, unit_price: 1, currency: EUR, stock: 5, limit_per_user: 1 }"
            let dry = try await shell.seckill("sale", "apply", "-f", "-", "--dry-run", "-o", "json", input: yaml)
            #expect(dry.status == 0, "\(dry.messages)")
            #expect(try dry.json(as: Applied.self).left == [Applied.Left(sku: "lamp", field: "stock", file: 100, is: 150)])
            let kept = try await shell.seckill("sale", "apply", "-f", "-", input: yaml)
            #expect(kept.status == 0 && kept.data.contains("2037") && kept.data.contains("shade") && !kept.data.contains("150"), "\(kept.data)")
            #expect(kept.messages.contains("stock of lamp: file says 100, is 150: left; --stock set changes it\n"), "\(kept.messages)")
            #expect(try await shell.stock() == [150, 0, 150])
            let set = try await shell.seckill("sale", "apply", "-f", "-", "--stock", "set", input: yaml)
            #expect(set.status == 0 && !set.messages.contains("left"), "\(set.messages)")
            #expect(try await shell.stock() == [100, 0, 100])
            let again = try await shell.seckill("sale", "apply", "-f", "-", "--stock", "set", "-o", "json", input: yaml).json()
            #expect((again["changes"] as? [Any])?.isEmpty == true && (again["left"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func aSaleHasNoMoreItemsThanItsBoundWhateverLoadsThem() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let header = "sku,title,unit_price,currency,stock,limit_per_user\n"
            func items(_ numbers: Range<Int>) -> String { header + numbers.map { "i-\($0),I,1,EUR,1,1\n" }.joined() }
            let load = ["stock", "load", "--sale", shell.sale, "-f", "-"]
            let tooLong = try await shell.seckill.callAsFunction(load, input: items(0..<10_001))
            #expect(tooLong.status == 2 && tooLong.messages == "error: -: items: must be at most 10000\n", "\(tooLong.messages)")
            let tooMany = try await shell.seckill.callAsFunction(load, input: items(0..<10_000))
            #expect(tooMany.status == 4 && tooMany.messages.contains("would have 10001 items"), "\(tooMany.messages)")
            let dry = try await shell.seckill.callAsFunction(load + ["--dry-run"], input: items(0..<10_000))
            #expect(dry.status == 4)
            #expect(try await shell.seckill.callAsFunction(load, input: items(0..<9_999)).status == 0)
            let one = try await shell.seckill(
                "sale", "apply", "-f", "-",
                input: shell.yaml.replacing("sku: lamp", with: "sku: last"))
            #expect(one.status == 4 && one.messages.contains("would have 10001 items"), "\(one.messages)")
            #expect(try await shell.seckill("audit", "--sale", shell.sale).status == 0)
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
            #expect(outcome.messages == "error: lamp: stock cannot become 4, for 5 units are in live orders; at most 95 can be taken off\n")
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
                let outcome = try await shell.seckill.callAsFunction(
                    ["sale", command, shell.sale] + (command == "close" ? ["--confirm", shell.sale] : []))
                #expect(outcome.status == status, "\(command): \(outcome.messages)")
            }
        }
    }

    /// What is final is done only by whoever means it.
    @Test func closingWantsTheSalesNameOnceMore() async throws {
        try await withOperator { shell in
            try await shell.apply()
            func status() async throws -> String? { try await shell.seckill("sale", "show", shell.sale, "-o", "json").json()["status"] as? String }
            let bare = try await shell.seckill("sale", "close", shell.sale)
            #expect(bare.status == 2 && bare.messages.contains("--confirm \(shell.sale)"), "\(bare.messages)")
            let other = try await shell.seckill("sale", "close", shell.sale, "--confirm", "another")
            #expect(other.status == 2 && other.messages.contains("another"), "\(other.messages)")
            let typedWrong = try await shell.seckill.onTerminal("sale close \(shell.sale)", typing: "yes\n")
            #expect(typedWrong.status == 2 && typedWrong.data.contains("nothing was closed"), "\(typedWrong.data)")
            let hungUp = try await shell.seckill.onTerminal("sale close \(shell.sale)", typing: "")
            #expect(hungUp.status == 2)
            #expect(try await status() == "open")
            let typed = try await shell.seckill.onTerminal("sale close \(shell.sale)", typing: "\(shell.sale)\n")
            #expect(typed.status == 0 && typed.data.contains("Type its name to close it"), "\(typed.data)")
            #expect(try await status() == "closed")
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

private struct Applied: Decodable {
    struct Left: Decodable, Equatable {
        let sku: String
        let field: String
        let file: Int
        let `is`: Int
    }

    let left: [Left]
}
