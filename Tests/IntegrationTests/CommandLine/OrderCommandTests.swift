import Foundation
import PostgresLedger
import SaleCore
import SaleService
import Testing

/// What operators do with orders, and read of them, by the built program.
@Suite(.timeLimit(.minutes(4))) struct OrderCommandTests {
    private func payment(_ order: Reservation, _ id: String) -> PaymentEvent {
        PaymentEvent(id: PaymentEventID(id)!, order: order.order, outcome: .succeeded, amount: 1_999, currency: Currency("EUR")!)
    }

    private func order(_ number: Int, in shell: OperatorUnderTest, user: String? = nil) -> Reservation {
        reservation(number, user: user, sku: SKU("lamp")!, sale: shell.saleID)
    }

    @Test func anOrderIsCancelledOnceAndWithAReason() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<1)
            let id = "\(order(0, in: shell).order)"
            for (arguments, status, says) in [
                ([id], 2, "--reason"), (["7", "--reason", "x"], 2, "UUID"), ([id, "--reason", " "], 2, "reason"),
                (["01900000-0000-7000-8000-000000000009", "--reason", "x"], 3, "there is no order"),
                ([id, "--reason", "a test", "--dry-run"], 0, "would be cancelled"), ([id, "--reason", "asked by phone"], 0, "cancelled"),
                ([id, "--reason", "again"], 4, "cancelled already"),
            ] as [([String], Int32, String)] {
                let outcome = try await shell.seckill(["order", "cancel"] + arguments)
                #expect(outcome.status == status && outcome.messages.contains(says), "\(arguments): \(outcome.status) \(outcome.messages)")
            }
            let history = try await shell.seckill("history", "--sale", shell.sale, "-o", "json").json()["history"] as? [[String: Any]]
            #expect(history?.count == 2)
            #expect(history?.first?["reason"] as? String == "asked by phone" && history?.first?["order"] as? String == id)
            #expect(history?.first?["channel"] as? String == "cli")
            let table = try await shell.seckill("history")
            #expect(table.data.contains("seckill order cancel") && table.data.contains("ACTOR"))
        }
    }

    @Test func aRefundEmptiesTheListAndBalancesTheLedger() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<2)
            let late = order(1, in: shell)
            let life = PostgresOrderLife(address: try PostgresAddress(shell.databaseURL))
            _ = try await life.cancel(late.order, by: late.user)
            _ = try await life.record(payment(late, "evt-77"))
            func due() async throws -> String { try await shell.seckill("order", "list", "--refund-due", "-o", "name").data }
            #expect(try await due() == "\(late.order)\n")
            let list = try await shell.seckill("order", "list", "--refund-due").data.split(separator: "\n")
            #expect(list.count == 2 && list.allSatisfy { $0.count <= 80 } && list.last?.hasSuffix(" 19.99  EUR") == true, "\(list)")
            #expect(list.first?.contains(#/SALE +USER +DUE +CURRENCY/#) == true, "\(list)")
            #expect(try await shell.seckill("order", "list", "--refund-due", "-o", "json").data.contains("\"refund_due_amount\" : 1999"))
            #expect(try await shell.seckill("order", "list", "--refund-due", "-o", "wide").data.contains(#/ DUE\n/#))
            for (arguments, status, says) in [
                (["--amount", "1998", "--reference", "re-1"], 4, "1999 minor units (19.99 EUR) is due"),
                (["--amount", "-1", "--reference", "re-1"], 2, "amount"),
                (["--amount", "1999", "--currency", "CNY", "--reference", "re-1"], 4, "the order is in EUR, not in CNY"),
                (["--amount", "1999"], 2, "--reference"),
                (["--amount", "1999", "--reference", "re-1", "--dry-run"], 0, "would be recorded"),
                (["--amount", "1998", "--reference", "re-1", "--dry-run"], 4, "order refund \(late.order) --amount 1999 --reference re-1\n"),
                (["--amount", "1999", "--reference", "re-1"], 0, "19.99 EUR"),
                (["--amount", "1999", "--reference", "re-1"], 4, "already refunded 19.99 EUR, reference re-1, by "),
            ] as [([String], Int32, String)] {
                let outcome = try await shell.seckill(["order", "refund", "\(late.order)"] + arguments)
                #expect(outcome.status == status && outcome.messages.contains(says), "\(arguments): \(outcome.status) \(outcome.messages)")
            }
            #expect(try await due() == "")
            let none = try await shell.seckill("order", "list", "--refund-due")
            #expect(none.messages == "nothing is due\n" && none.data.split(separator: "\n").count == 1, "\(none)")
            let shown = try await shell.seckill("order", "show", "\(late.order)").data
            #expect(shown.contains(#/received +19.99 EUR/#) && shown.contains(#/refunded +19.99 EUR, reference re-1, by /#), "\(shown)")
            let export = try await shell.seckill("order", "export", "--columns", "id,received,refunded,refund_due_amount").data
            #expect(export.contains("\(late.order),1999,1999,0\r\n") && export.contains("\(order(0, in: shell).order),0,0,0\r\n"), "\(export)")
            let history = try await shell.seckill("history", "-o", "csv").data
            #expect(history.contains("refunded 19.99 EUR, reference re-1"), "\(history)")
            let ledger = try await shell.seckill("ledger", "--sale", shell.sale, "-o", "csv").data.split(separator: "\r\n")
            let header = try #require(ledger.first).split(separator: ",", omittingEmptySubsequences: false)
            let amount = try #require(header.firstIndex(of: "amount"))
            let amounts = ledger.dropFirst().map { Int($0.split(separator: ",", omittingEmptySubsequences: false)[amount]) ?? .min }
            #expect(amounts.filter { $0 != 0 } == [1_999, -1_999])
            let rows = try await LedgerUnderTest(url: shell.databaseURL).number("SELECT count(*) FROM stock_ledger WHERE sale_id = '\(shell.sale)'")
            #expect(amounts.count == Int(rows))
            for format in ["table", "json"] {
                let shown = try await shell.seckill("order", "show", "\(late.order)", "-o", format).data
                #expect(["evt-77", "payment", "commit", "re-1"].allSatisfy { shown.contains($0) }, "\(shown)")
            }
        }
    }

    @Test func listsAreNarrowedAndExportedAsCSVAndNDJSON() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<3)
            try await shell.commit(3..<4, user: "=HYPERLINK(1)")
            let life = PostgresOrderLife(address: try PostgresAddress(shell.databaseURL))
            _ = try await life.record(payment(order(1, in: shell), "e"))
            _ = try await life.cancel(order(2, in: shell).order, by: order(2, in: shell).user)
            func names(_ arguments: String...) async throws -> [Substring] {
                try await shell.seckill(["order", "list", "-o", "name"] + arguments).data.split(separator: "\n")
            }
            #expect(try await names().count == 4)
            #expect(try await names("--state", "paid,cancelled") == ["\(order(2, in: shell).order)", "\(order(1, in: shell).order)"])
            #expect(try await names("--since", "\(order(2, in: shell).grantedAt)", "--user", "user-2") == ["\(order(2, in: shell).order)"])
            #expect(try await names("--until", "2026-01-01") == [])
            #expect(try await shell.seckill("order", "list", "--sale", "nobodys").status == 3)

            let csv = try await shell.seckill("order", "export", "--sale", shell.sale)
            let lines = csv.data.components(separatedBy: "\r\n")
            #expect(csv.status == 0 && lines.count == 6 && lines.last == "" && lines[0].hasPrefix("id,sale,sku,user,"), "\(csv.data)")
            #expect(!lines.contains { $0.split(separator: ",").contains { "=+-@".contains($0.first ?? "x") } }, "\(csv.data)")
            let some = try await shell.seckill("order", "export", "--columns", "id,sku")
            #expect(some.data.hasPrefix("id,sku\r\n\(order(3, in: shell).order),lamp\r\n"), "\(some.data)")
            let marked = try await shell.seckill.shell("$SECKILL order export --bom | head -c 5 | od -An -tx1")
            #expect(marked.data.trimmingCharacters(in: .whitespacesAndNewlines) == "ef bb bf 69 64", "\(marked.data)")
            #expect(try await shell.seckill("order", "export", "--columns", "id,price").status == 2)
            let objects = try await shell.seckill("order", "export", "-o", "ndjson", "--state", "paid").data.split(separator: "\n")
            #expect(objects.count == 1 && objects.first?.hasPrefix("{") == true && objects.first?.contains("\"unit_price\":1999") == true)
        }
    }

    /// As `head` does, and before the first write.
    @Test func anExportWhoseReaderHasGoneEndsQuietly() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<3)
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let fifo = "\(directory.path)/gone"
            for format in ["csv", "ndjson"] {
                let export = "$SECKILL order export -o \(format)"
                let gone = try await shell.seckill.shell(
                    "mkfifo \(fifo); { read line < \(fifo); \(export); echo status $? >&2; } | { exec <&-; echo gone > \(fifo); }; rm \(fifo)")
                #expect(gone.messages == "status 0\n" && gone.data.isEmpty, "\(format): \(gone)")
                let head = try await shell.seckill.shell("{ \(export); echo status $? >&2; } | head -n 1")
                #expect(head.messages == "status 0\n" && head.data.split(whereSeparator: \.isNewline).count == 1, "\(format): \(head)")
            }
        }
    }

    @Test func tablesFitATerminalAndMoneyHasItsSeparator() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<2, user: nil)
            _ = try await shell.seckill(
                "item", "set", "--sale", shell.sale, "--sku", "lamp", "--title", String(repeating: "Lamp of brass ", count: 8))
            for arguments in [
                ["sale", "list"], ["sale", "show", shell.sale], ["stock", "show", "--sale", shell.sale], ["order", "list"], ["history"],
                ["ledger", "--sale", shell.sale], ["events"], ["order", "show", "\(order(0, in: shell).order)"],
                ["sale", "set", shell.sale, "--title", String(repeating: "Lamps of brass ", count: 12)], ["sale", "show", shell.sale],
                ["item", "set", "--sale", shell.sale, "--sku", "lamp", "--title", "Lamp"],
            ] {
                let table = try await shell.seckill(arguments)
                #expect(table.status == 0 && table.data.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(arguments)\n\(table.data)")
            }
            #expect(try await shell.seckill("stock", "show", "--sale", shell.sale).data.contains(" 19.99 "))
            #expect(try await shell.seckill("stock", "show", "--sale", shell.sale, "-o", "csv").data.contains(",1999,EUR,"))
        }
    }
}
