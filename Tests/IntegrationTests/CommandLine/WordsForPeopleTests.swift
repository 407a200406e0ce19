import Foundation
import PostgresLedger
import SaleCore
import SaleService
import Testing

/// What somebody reads who knows the program by its help alone.
@Suite(.timeLimit(.minutes(4))) struct WordsForPeopleTests {
    private func order(_ number: Int, in shell: OperatorUnderTest) -> Reservation { reservation(number, sku: SKU("lamp")!, sale: shell.saleID) }

    @Test func pricesHaveTheirSeparatorWherePeopleReadThemAndNoneInData() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let change = ["item", "set", "--sale", shell.sale, "--sku", "lamp", "--dry-run", "--price", "9.99"]
            let table = try await shell.seckill(change).data
            #expect(table.contains(#/unit_price +19.99 EUR +9.99 EUR/#), "\(table)")
            let data = try await shell.seckill(change + ["-o", "json"]).json()["changes"] as? [[String: Any]]
            #expect(data?.first?["from"] as? Int == 1_999 && data?.first?["to"] as? Int == 999)
            #expect(try await shell.seckill("item", "set", "--sale", shell.sale, "--sku", "lamp", "--price", "9.99").status == 0)
            #expect(try await shell.auditTrail().last == "lamp price 19.99 EUR → 9.99 EUR")
            #expect(try await shell.seckill("events").data.contains("lamp price 19.99 EUR → 9.99 EUR"))
        }
    }

    @Test func theHistorySaysWhoWhenWhatAndWhyInItsTableAndIsFilteredByActor() async throws {
        try await withOperator { shell in
            try await shell.apply()
            #expect(try await shell.seckill("sale", "pause", shell.sale, "--reason", "wrong price").status == 0)
            let table = try await shell.seckill("history", "--sale", shell.sale).data
            #expect(["status open → paused", "because: wrong price", "ACTOR", "WHAT"].allSatisfy { table.contains($0) }, "\(table)")
            #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(table)")
            let wide = try await shell.seckill("history", "--sale", shell.sale, "-o", "wide").data
            #expect(wide.contains("seckill sale pause \(shell.sale) --reason 'wrong price'") && !wide.contains("WHAT"), "\(wide)")
            let actor = try #require(try await historyActors(shell).first)
            #expect(try await historyActors(shell, "--actor", actor).count == 2)
            #expect(try await historyActors(shell, "--actor", "nobody").isEmpty)
            let paused = try await shell.seckill("events", "--type", "sale.paused").data
            #expect(paused.contains("by \(actor), cause: status open → paused; because: wrong price"), "\(paused)")
        }
    }

    private func historyActors(_ shell: OperatorUnderTest, _ arguments: String...) async throws -> [String] {
        let history = try await shell.seckill(["history", "-o", "json"] + arguments).json()["history"] as? [[String: Any]] ?? []
        return history.compactMap { $0["actor"] as? String }
    }

    @Test func eventsAreThoseOfOneSaleOrOneOrder() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<3)
            let id = "\(order(1, in: shell).order)"
            let table = try await shell.seckill("events", "--order", id).data
            #expect(table.contains("order \(id), user user-1") && !table.contains("user-2"), "\(table)")
            let ofOrder = try await shell.seckill("events", "--order", id, "-o", "json").json()["events"] as? [[String: Any]]
            #expect(ofOrder?.compactMap { $0["type"] as? String } == ["order.committed"])
            let first = try await shell.seckill("events", "--sale", shell.sale, "--limit", "2", "-o", "json").json()
            #expect((first["events"] as? [Any])?.count == 2)
            let next = try #require(first["next"] as? String)
            let rest = try await shell.seckill("events", "--sale", shell.sale, "--after", next, "-o", "ndjson").data
            #expect(rest.split(separator: "\n").count == 3, "\(rest)")
            let other = try await shell.seckill(
                "sale", "apply", "-f", "-", input: shell.yaml.replacing("sale: \(shell.sale)", with: "sale: \(shell.sale)-2"))
            #expect(other.status == 0)
            let ofOther = try await shell.seckill("events", "--sale", "\(shell.sale)-2", "-o", "ndjson").data.split(separator: "\n")
            #expect(ofOther.count == 2 && ofOther.allSatisfy { $0.contains("\"sale\":\"\(shell.sale)-2\"") }, "\(ofOther)")
        }
    }

    @Test func aSaleThatEndedIsNotCalledClosedAndItsEndIsWarnedOf() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let foreseen = try await shell.seckill("sale", "set", shell.sale, "--closes-at", "2026-01-02T00:00:00Z", "--dry-run")
            #expect(foreseen.status == 0 && foreseen.messages.contains("would end"), "\(foreseen.messages)")
            let ended = try await shell.seckill("sale", "set", shell.sale, "--closes-at", "2026-01-02T00:00:00Z")
            let way = "seckill sale set \(shell.sale) --closes-at 2036-01-01T00:00:00Z"
            #expect(ended.status == 0 && ended.messages.contains("warning: ") && ended.messages.contains(way), "\(ended.messages)")
            for arguments in [["sale", "list"], ["sale", "show", shell.sale]] {
                let table = try await shell.seckill(arguments).data
                #expect(table.contains("ended") && !table.contains("closed"), "\(table)")
            }
            #expect(try await shell.seckill("sale", "show", shell.sale, "-o", "json").json()["state"] as? String == "closed")
            #expect(try await shell.seckill("sale", "close", shell.sale, "--confirm", shell.sale).status == 0)
            #expect(try await shell.seckill("sale", "list").data.contains("closed"))
        }
    }

    @Test func everyChangeMayHaveAReasonAndTheHistoryNamesWhoSaidIt() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let ending = ["--reason", "as asked by the shop's owner on the telephone"]
            for arguments in [
                ["sale", "set", shell.sale, "--title", "Other"], ["item", "set", "--sale", shell.sale, "--sku", "lamp", "--price", "18.50"],
                ["stock", "add", "--sale", shell.sale, "--sku", "lamp", "1"], ["sale", "pause", shell.sale],
            ] {
                let outcome = try await shell.seckill(arguments + ending)
                #expect(outcome.status == 0, "\(arguments): \(outcome.messages)")
            }
            let again = try await shell.seckill("sale", "pause", shell.sale, "--reason", "twice")
            #expect(again.status == 0 && again.messages.contains("--reason was not kept"), "\(again.messages)")
            let table = try await shell.seckill("history", "--sale", shell.sale).data
            #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(table)")
            let words = table.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.ranges(of: "because: as asked by the shop's owner on the telephone").count == 4, "\(table)")
            var colleague = shell.seckill
            colleague.environment["SUDO_USER"] = "bea"
            #expect(try await colleague("stock", "add", "--sale", shell.sale, "--sku", "lamp", "1").status == 0)
            #expect(try await shell.seckill("history", "--actor", "bea", "-o", "name").data.split(separator: "\n").count == 1)
            #expect(try await shell.seckill("history", "--actor", "be", "-o", "name").data.isEmpty)
        }
    }

    @Test func nothingNewIsSoldInACurrencyThatNobodyPaysIn() async throws {
        try await withOperator { shell in
            let mistyped = shell.yaml.replacing("currency: EUR", with: "currency: EUX")
            let created = try await shell.seckill("sale", "apply", "-f", "-", input: mistyped)
            #expect(created.status == 2 && created.messages.contains("ISO 4217"), "\(created.status) \(created.messages)")
            try await shell.apply()
            #expect(try await shell.seckill("sale", "apply", "-f", "-", "--dry-run", input: mistyped).status == 2)
            // What an older version let in can be changed all the same.
            _ = try await LedgerUnderTest(url: shell.databaseURL).lines(
                "UPDATE stock SET currency = 'XTS' WHERE sale_id = '\(shell.sale)' RETURNING sku")
            let limit = try await shell.seckill("item", "set", "--sale", shell.sale, "--sku", "lamp", "--limit", "2", "--price", "5.00")
            #expect(limit.status == 0, "\(limit.messages)")
        }
    }

    @Test func whatIsNoFileOfOursIsNotRepeated() async throws {
        try await withOperator { shell in
            let secret = "ada operator 0c470a54b13e2f0d9c6f7a8b1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6"
            let echoed = try await shell.seckill("sale", "apply", "-f", "-", input: secret)
            #expect(echoed.status == 2 && !echoed.messages.contains("0c470a54"), "\(echoed.messages)")
            let directory = try await shell.seckill("sale", "apply", "-f", "/tmp")
            #expect(directory.status == 2 && directory.messages.contains("/tmp: is a directory"), "\(directory.messages)")
        }
    }

    @Test func aNameThatNothingHasEndsWith3AndNamesTheNearest() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let near = shell.sale + "x"
            for (arguments, says) in [
                (["history", "--sale", near], "did you mean \(shell.sale)?"), (["sale", "show", near], "did you mean \(shell.sale)?"),
                (["sale", "pause", "nobodys"], "seckill sale list"), (["order", "list", "--sale", near], "did you mean \(shell.sale)?"),
                (["order", "export", "--sale", near], "did you mean"), (["audit", "--sale", near], "did you mean"),
                (["ledger", "--sale", near], "did you mean"), (["ledger", "--sale", shell.sale, "--sku", "nosuch"], "it has: lamp"),
                (["events", "--sale", near], "did you mean"), (["stock", "add", "--sale", shell.sale, "--sku", "lam", "1"], "did you mean lamp?"),
                (["item", "set", "--sale", shell.sale, "--sku", "phone", "--limit", "2"], "it has: lamp"),
                (["item", "set", "--sale", shell.sale, "--sku", "phone", "--price", "2"], "it has: lamp"),
            ] as [([String], String)] {
                let outcome = try await shell.seckill(arguments)
                #expect(outcome.status == 3 && outcome.messages.contains(says), "\(arguments): \(outcome.status) \(outcome.messages)")
                #expect(outcome.data.isEmpty, "\(arguments)")
            }
        }
    }

    @Test func aRefusalSaysWhatToDo() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<2)
            let (paid, waiting) = (order(0, in: shell).order, order(1, in: shell).order)
            let life = PostgresOrderLife(address: try PostgresAddress(shell.databaseURL))
            _ = try await life.record(
                PaymentEvent(id: PaymentEventID("e")!, order: paid, outcome: .succeeded, amount: 1_999, currency: Currency("EUR")!))
            for (arguments, says) in [
                (["order", "cancel", "\(paid)", "--reason", "x"], "payment provider"),
                (["order", "refund", "\(paid)", "--amount", "1999", "--reference", "r"], "payment provider"),
                (["order", "refund", "\(waiting)", "--amount", "1999", "--reference", "r"], "cancel it"),
            ] as [([String], String)] {
                let outcome = try await shell.seckill(arguments)
                #expect(outcome.status == 4 && outcome.messages.contains(says), "\(arguments): \(outcome.status) \(outcome.messages)")
            }
            let row = try await shell.seckill("sale", "show", shell.sale, "-o", "csv")
            #expect(row.status == 0 && row.messages == "its items: seckill stock show --sale \(shell.sale) -o csv\n", "\(row)")
        }
    }
}
