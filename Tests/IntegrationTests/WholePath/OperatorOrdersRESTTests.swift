import Foundation
import NIOHTTP1
import PostgresLedger
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// Orders, and changes of sales that are asked for twice, over operators' REST.
@Suite(.timeLimit(.minutes(3))) struct OperatorOrdersRESTTests {
    @Test func ordersAreFoundShownCancelledAndExported() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale(stock: 5, limitPerUser: 2)
            try await operators.service.sees(sale, "open")
            var bought: [String] = []
            for user in ["ann", "=bob", "eve"] { bought.append(try #require(try await operators.service.buy(sale, as: user).id).description) }

            let first = try await operators.send(.GET, "/admin/v1/orders?sale=\(sale)&limit=2", as: "wall")
            let cursor = try #require(first.json["next_cursor"] as? String)
            let second = try await operators.send(.GET, "/admin/v1/orders?sale=\(sale)&limit=2&cursor=\(cursor)", as: "wall")
            let ids = [first, second].flatMap { ($0.json["orders"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String } }
            #expect(ids == bought.reversed() && second.json["next_cursor"] is NSNull)
            let found = try await operators.send(.GET, "/admin/v1/orders?sale=\(sale)&user=ann&state=paid,awaiting_payment", as: "wall")
            #expect((found.json["orders"] as? [[String: Any]])?.map { $0["user"] as? String } == ["ann"])

            let history = try await operators.history(of: sale)
            let foreseen = try await operators.send(.POST, "/admin/v1/orders/\(bought[0])/cancel?dry_run=true", body: #"{"reason":"fraud"}"#)
            #expect(foreseen.status == 200 && foreseen.json["state"] as? String == "cancelled" && foreseen.json["dry_run"] as? Bool == true)
            let kept = try await operators.send(.GET, "/admin/v1/orders/\(bought[0])", as: "wall")
            #expect(kept.json["state"] as? String == "awaiting_payment")
            #expect(try await operators.history(of: sale) == history)
            let cancelled = try await operators.send(.POST, "/admin/v1/orders/\(bought[0])/cancel", body: #"{"reason":"fraud"}"#)
            #expect(cancelled.status == 200 && cancelled.json["state"] as? String == "cancelled" && cancelled.json["dry_run"] as? Bool == false)
            let never = try await operators.send(.POST, "/admin/v1/orders/\(bought[0])/cancel?dry_run=true", body: #"{"reason":"fraud"}"#)
            #expect(never.status == 409 && never.code == "conflict")
            let again = try await operators.send(.POST, "/admin/v1/orders/\(bought[0])/cancel", body: #"{"reason":"fraud"}"#)
            #expect(again.status == 409 && again.code == "conflict")
            #expect(try await operators.send(.POST, "/admin/v1/orders/\(bought[1])/cancel", body: "{}").status == 422)

            let record = try await operators.send(.GET, "/admin/v1/orders/\(bought[0])", as: "wall")
            let life = try #require(record.json["life"] as? [[String: Any]])
            #expect(life.first?["what"] as? String == "granted" && life.allSatisfy { $0["at"] is String })
            #expect(life.contains { $0["actor"] as? String == "ada" && $0["reason"] as? String == "fraud" })
            #expect((record.json["payments"] as? [Any])?.isEmpty == true)

            let csv = try await operators.send(.GET, "/admin/v1/orders?sale=\(sale)", as: "wall", headers: [("Accept", "text/csv")])
            let lines = csv.text.components(separatedBy: "\r\n")
            #expect(csv.header("Content-Type")?.hasPrefix("text/csv") == true)
            #expect(lines.count == 5 && lines[0].hasPrefix("id,") && lines[4].isEmpty)
            #expect(lines.dropFirst().dropLast().map { String($0.prefix(36)) } == bought.reversed())
            #expect(lines[2].contains(",'=bob,") && !lines[2].contains(",=bob"))
            let ndjson = try await operators.send(.GET, "/admin/v1/orders?sale=\(sale)", as: "wall", headers: [("Accept", "application/x-ndjson")])
            #expect(ndjson.text.split(separator: "\n").count == 3)
            #expect(lines[0].hasSuffix(",received,refunded,refund_due_amount") && lines[1].hasSuffix(",0,0,0"), "\(lines[1])")
            #expect(ndjson.text.contains("\"refund_due_amount\":0"))

            for wrong in ["limit=0", "limit=x", "cursor=x", "state=lost", "since=yesterday", "refund_due=1", "sku=x", "sale=a&sale=b"] {
                #expect(try await operators.send(.GET, "/admin/v1/orders?\(wrong)", as: "wall").status == 422, "\(wrong)")
            }
            #expect(try await operators.send(.GET, "/admin/v1/orders/nope", as: "wall").code == "unknown_order")
            let ledger = try await operators.send(.GET, "/admin/v1/ledger?sale=\(sale)", as: "wall")
            let balances = (ledger.json["ledger"] as? [[String: Any]])?.compactMap { $0["balance"] as? Int }
            #expect(balances?.first == 5 && balances?.last == 3)
            let audit = try await operators.send(.GET, "/admin/v1/audit?sale=\(sale)", as: "wall")
            let books = (audit.json["sales"] as? [[String: Any]])?.first?["items"] as? [[String: Any]]
            #expect((books?.first?["breaches"] as? [Any])?.isEmpty == true && books?.first?["committed"] as? Int == 2)
        }
    }

    @Test func aLatePaymentIsPaidBackAndTheWorkListIsEmpty() async throws {
        let lines = OrderLines()
        try await withOperators(logger: lines.logger) { operators in
            let sale = try await operators.stores.makeSale()
            try await operators.service.sees(sale, "open")
            let order = try #require(try await operators.service.buy(sale, as: "ann").id)
            _ = try await operators.send(.POST, "/admin/v1/orders/\(order)/cancel", body: #"{"reason":"asked to"}"#)
            let life = PostgresOrderLife(address: try PostgresAddress(operators.stores.databaseURL))
            _ = try await life.record(
                PaymentEvent(id: PaymentEventID("e-1")!, order: order, outcome: .succeeded, amount: 399_900, currency: Currency("CNY")!))
            let due = "/admin/v1/orders?refund_due=true&sale=\(sale)"
            #expect((try await operators.send(.GET, due).json["orders"] as? [Any])?.count == 1)
            let path = "/admin/v1/orders/\(order)/refunds"
            func refund(_ amount: Int, _ currency: String = "CNY") async throws -> Answer {
                try await operators.send(.POST, path, body: #"{"amount":\#(amount),"currency":"\#(currency)","reference":"tx-9"}"#)
            }
            let foreseen = try await operators.send(
                .POST, path + "?dry_run=true", body: #"{"amount":399900,"currency":"CNY","reference":"tx-9"}"#)
            #expect(foreseen.status == 200 && foreseen.json["refund_due"] as? Bool == false && foreseen.json["dry_run"] as? Bool == true)
            #expect((try await operators.send(.GET, due).json["orders"] as? [Any])?.count == 1)
            #expect(try await operators.send(.POST, path + "?dry_run=true", body: #"{"amount":1,"currency":"CNY","reference":"x"}"#).status == 409)
            #expect(try await refund(1).status == 409)
            #expect(try await refund(399_900, "EUR").status == 409)
            #expect(try await refund(399_900, "yuan").status == 422)
            #expect(try await refund(399_900).json["refund_due"] as? Bool == false)
            #expect(try await refund(399_900).status == 409)
            #expect((try await operators.send(.GET, due).json["orders"] as? [Any])?.isEmpty == true)
            let record = try await operators.send(.GET, "/admin/v1/orders/\(order)")
            #expect((record.json["payments"] as? [[String: Any]])?.first?["event_id"] as? String == "e-1")
            #expect((record.json["refunds"] as? [[String: Any]])?.first?["reference"] as? String == "tx-9")
            #expect(record.json["amount_received"] as? Int == 0)
            // What was only foreseen, refused or asked for again has none.
            #expect(lines.all == ["order cancelled \(order)", "refund recorded \(order)"])
        }
    }

    @Test func aSaleAndAnItemAreSetFromTheVersionThatWasRead() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let path = "/admin/v1/sales/\(sale)"
            let tag = try #require(try await operators.send(.GET, path).header("ETag"))
            #expect(try await operators.send(.PATCH, path, body: #"{"title":"Later"}"#).status == 428)
            let set = try await operators.send(
                .PATCH, path, headers: [("If-Match", tag)], body: #"{"title":"Later","pay_within":"30m","reason":"slow bank"}"#)
            #expect(set.status == 200 && set.json["title"] as? String == "Later" && set.json["pay_within"] as? String == "30m", "\(set.text)")
            let stale = try await operators.send(.PATCH, path, headers: [("If-Match", tag)], body: #"{"title":"Latest"}"#)
            #expect(stale.status == 412 && stale.header("ETag") == set.header("ETag"))
            for body in ["{}", #"{"status":"open"}"#, #"{"closes_at":"2000-01-01T00:00:00Z"}"#, #"{"pay_within":15}"#] {
                let answer = try await operators.send(.PATCH, path, headers: [("If-Match", set.header("ETag") ?? "")], body: body)
                #expect(answer.status == 422, "\(body): \(answer.text)")
            }
            let item = try await operators.send(.PATCH, path + "/items/phone-x", body: #"{"unit_price":1,"currency":"CNY","limit_per_user":2}"#)
            let shown = (item.json["items"] as? [[String: Any]])?.first
            #expect(item.status == 200 && shown?["unit_price"] as? Int == 1 && shown?["limit_per_user"] as? Int == 2, "\(item.text)")
            #expect(item.header("ETag") != set.header("ETag"))
            #expect(try await operators.send(.PATCH, path + "/items/phone-x", body: #"{"unit_price":1,"currency":"EUR"}"#).status == 409)
            #expect(try await operators.send(.PATCH, path + "/items/nope", body: #"{"unit_price":1}"#).code == "unknown_sku")
        }
    }

    @Test func aChangeUnderAKeyIsMadeOnceAndAnsweredTheSame() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let path = "/admin/v1/sales/\(sale)/items/phone-x/stock"
            let key = [("Idempotency-Key", "\"pallet-7\"")]
            let body = #"{"add":5,"reason":"a pallet"}"#
            let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
                for _ in 0..<4 { tasks.addTask { try await operators.send(.POST, path, headers: key, body: body) } }
                return try await tasks.reduce(into: [Answer]()) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 }, "\(answers.map(\.text))")
            #expect(answers.count { $0.header("Idempotency-Replayed") == nil } == 1)
            let first = try #require(answers.first { $0.header("Idempotency-Replayed") == nil })
            _ = try await operators.send(.POST, "/admin/v1/sales/\(sale)/pause", body: #"{"reason":"x"}"#)
            let later = try await operators.send(.POST, path, headers: key, body: body)
            #expect(later.text == first.text && later.header("ETag") == first.header("ETag"))
            let mismatch = try await operators.send(.POST, path, headers: key, body: #"{"add":6,"reason":"a pallet"}"#)
            #expect(mismatch.status == 422 && mismatch.code == "idempotency_mismatch")
            // Another operator's key is another key.
            #expect(try await operators.send(.POST, path, as: "root", headers: key, body: body).header("Idempotency-Replayed") == nil)
            let item = (try await operators.send(.GET, "/admin/v1/sales/\(sale)").json["items"] as? [[String: Any]])?.first
            #expect(item?["loaded"] as? Int == 20 && item?["available"] as? Int == 20)
            #expect(try await operators.history(of: sale).count { $0.contains("stock") } == 2)
            #expect(try await operators.send(.POST, path, headers: [("Idempotency-Key", "")], body: body).status == 400)
        }
    }

    /// Its node died between the change and the answer.
    @Test func aChangeWhoseAnswerWasLostIsNotMadeAgain() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let path = "/admin/v1/sales/\(sale)/items/phone-x/stock"
            let body = #"{"add":5,"reason":"a pallet"}"#
            _ = try await operators.send(.POST, path, headers: [("Idempotency-Key", "k")], body: body)
            _ = try await LedgerUnderTest(url: operators.stores.databaseURL).lines(
                "UPDATE operator_requests SET status = NULL, entity_tag = NULL, answer = NULL RETURNING actor")
            let again = try await operators.send(.POST, path, headers: [("Idempotency-Key", "k")], body: body)
            #expect(again.status == 200 && again.header("Idempotency-Replayed") == "true")
            #expect((again.json["items"] as? [[String: Any]])?.first?["loaded"] as? Int == 15)
        }
    }

    /// A pause that found the sale paused must not pause it when it is repeated after a resume.
    @Test func aChangeThatHadNothingToChangeIsRememberedToo() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let (path, reason) = ("/admin/v1/sales/\(sale)", #"{"reason":"x"}"#)
            _ = try await operators.send(.POST, path + "/pause", body: reason)
            _ = try await operators.send(.POST, path + "/pause", headers: [("Idempotency-Key", "k")], body: reason)
            _ = try await operators.send(.POST, path + "/resume", body: reason)
            let repeated = try await operators.send(.POST, path + "/pause", headers: [("Idempotency-Key", "k")], body: reason)
            #expect(repeated.json["status"] as? String == "paused" && repeated.header("Idempotency-Replayed") == "true")
            #expect(try await operators.send(.GET, path).json["status"] as? String == "open")
        }
    }
}
