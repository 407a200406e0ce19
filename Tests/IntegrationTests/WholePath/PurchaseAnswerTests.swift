import NIOHTTP1
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// What buyers hear, on a real socket, over real stores.
@Suite(.timeLimit(.minutes(2))) struct PurchaseAnswerTests {
    @Test func aCommittedPurchaseStandsInPostgresBeforeItsAnswerArrives() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let answer = try await service.buy(sale, as: "ann")
                #expect(answer.status == 201)
                let id = try #require(answer.id)
                let row = try await stores.reader.order(id)
                #expect(row?.state == .awaitingPayment)
                #expect(row?.user == UserID("ann"))
                #expect(answer.header("Location") == "/v1/orders/\(id)")
                #expect(answer.header("Content-Type") == "application/json")
                #expect(answer.header("Cache-Control") == "no-store")
                #expect(answer.json["sale"] as? String == sale.rawValue)
                #expect(answer.json["unit_price"] as? Int == 399_900)
                #expect(answer.json["currency"] as? String == "CNY")
                #expect(answer.json["state"] as? String == "awaiting_payment")
                let read = try await service.send(.GET, "/v1/orders/\(id)", headers: [("X-User-Id", "ann")])
                #expect(read.status == 200)
                #expect(read.text == answer.text)
            }
        }
    }

    @Test func whoPrefersNotToWaitHearsReservedAndFindsTheVerdictAtTheLocation() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let answer = try await service.buy(sale, as: "bob", headers: [("Prefer", "respond-async")])
                #expect(answer.status == 202)
                #expect(answer.json["state"] as? String == "reserved")
                #expect(answer.header("Preference-Applied") == "respond-async")
                let location = try #require(answer.header("Location"))
                let order = try await service.eventually {
                    try await service.send(.GET, location, headers: [("X-User-Id", "bob")])
                } until: {
                    $0.json["state"] as? String == "awaiting_payment"
                }
                #expect(order.status == 200)
            }
        }
    }

    @Test func anotherUsersOrderIsUnknown() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let id = try #require(try await service.buy(sale, as: "ann").id)
                let answer = try await service.send(.GET, "/v1/orders/\(id)", headers: [("X-User-Id", "eve")])
                #expect(answer.status == 404)
                #expect(answer.code == "unknown_order")
                let list = try await service.send(.GET, "/v1/orders", headers: [("X-User-Id", "eve")])
                #expect((list.json["orders"] as? [Any])?.isEmpty == true)
            }
        }
    }

    struct BadBody: CustomTestStringConvertible, Sendable {
        var body: String
        var status: Int
        var code: String
        var names = ""
        var testDescription: String { String(body.prefix(60)) }
    }

    @Test func aBodyThatSaysTheWrongThingIsRefusedByNameAndNothingIsSold() async throws {
        let examples = [
            BadBody(body: #"{"sku":"nope","quantity":1}"#, status: 404, code: "unknown_sku"),
            BadBody(body: #"{"sku":"phone-x","quantity":0}"#, status: 422, code: "invalid_request", names: "quantity"),
            BadBody(body: #"{"sku":"phone-x","quantity":-1}"#, status: 422, code: "invalid_request", names: "quantity"),
            BadBody(body: #"{"sku":"phone-x","quantity":1.5}"#, status: 422, code: "invalid_request", names: "quantity"),
            BadBody(body: #"{"sku":"phone-x","quantity":99999999999999999999}"#, status: 422, code: "invalid_request", names: "quantity"),
            BadBody(body: #"{"sku":"phone-x","quantity":"1"}"#, status: 422, code: "invalid_request", names: "quantity"),
            BadBody(body: #"{"sku":7,"quantity":1}"#, status: 422, code: "invalid_request", names: "sku"),
            BadBody(body: #"{"quantity":1}"#, status: 422, code: "invalid_request", names: "sku"),
            BadBody(body: #"{"sku":"phone-x"}"#, status: 422, code: "invalid_request", names: "quantity"),
            BadBody(body: #"{"sku":"phone-x","quantity":1,"price":1}"#, status: 422, code: "invalid_request", names: "price"),
            BadBody(body: #"{"sku":"phone-x","quantity":1"#, status: 400, code: "malformed_request"),
            BadBody(body: "", status: 400, code: "malformed_request"),
            BadBody(body: String(repeating: "[", count: 8_000), status: 400, code: "malformed_request"),
            BadBody(body: String(repeating: " ", count: 9_000), status: 413, code: "body_too_large"),
        ]
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                for example in examples {
                    let answer = try await service.send(
                        .POST, "/v1/sales/\(sale)/orders", headers: [("X-User-Id", "ann"), ("Content-Type", "application/json")],
                        body: example.body)
                    #expect(answer.status == example.status, "\(example.testDescription) \(answer.text)")
                    #expect(answer.code == example.code, "\(example.testDescription)")
                    #expect(answer.header("Content-Type") == "application/problem+json")
                    #expect(answer.json["status"] as? Int == Int(example.status))
                    #expect(answer.json["request_id"] as? String == answer.header("X-Request-Id"))
                    #expect(example.names.isEmpty || (answer.json["detail"] as? String)?.contains(example.names) == true, "\(answer.text)")
                }
                #expect(try await stores.orders(of: sale).isEmpty)
            }
        }
    }

    /// Only a proxy that is trusted gives requests their ids.
    @Test(arguments: ["/v1/sales", "/v1/orders", "/nowhere"])
    func whatAStrangerCallsItsRequestIsNotRepeated(path: String) async throws {
        try await withStores { stores in
            try await withService(over: stores) { service in
                let answer = try await service.send(.GET, path, headers: [("X-User-Id", "ann"), ("X-Request-Id", "forged")])
                let id = try #require(answer.header("X-Request-Id"))
                #expect(id.wholeMatch(of: /[0-9a-f]{16}/) != nil, "\(id)")
            }
        }
    }

    @Test func whoeverIsNotKnownOrSendsAnotherTypeIsRefused() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let path = "/v1/sales/\(sale)/orders"
                let body = #"{"sku":"phone-x","quantity":1}"#
                let nobody = try await service.send(.POST, path, headers: [("Content-Type", "application/json")], body: body)
                #expect(nobody.status == 401 && nobody.code == "unauthenticated")
                #expect(nobody.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
                let twice = try await service.send(.POST, path, headers: [("X-User-Id", "a"), ("X-User-Id", "b")], body: body)
                #expect(twice.status == 401)
                let form = try await service.send(
                    .POST, path, headers: [("X-User-Id", "a"), ("Content-Type", "application/x-www-form-urlencoded")], body: body)
                #expect(form.status == 415 && form.code == "unsupported_media_type")
                let unknown = try await service.send(.POST, "/v1/sales/nope/orders", headers: [("X-User-Id", "a")], body: body)
                #expect(unknown.status == 404 && unknown.code == "unknown_sale")
                let get = try await service.send(.GET, path, headers: [("X-User-Id", "a")])
                #expect(get.status == 405 && get.code == "method_not_allowed")
                #expect(get.header("Allow")?.contains("POST") == true)
                let elsewhere = try await service.send(.GET, "/nowhere")
                #expect(elsewhere.status == 404 && elsewhere.code == "not_found")
                let fat = try await service.send(.POST, path, headers: [("X-Filler", String(repeating: "x", count: 9_000))], body: body)
                #expect(fat.status == 431 && fat.code == "headers_too_large")
                #expect(try await stores.orders(of: sale).isEmpty)
            }
        }
    }

    @Test func theLimitNamesTheOrderThatUsedItAndSoldOutIsTold() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 2)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let first = try await service.buy(sale, as: "ann")
                let second = try await service.buy(sale, as: "ann")
                #expect(second.status == 409 && second.code == "limit_reached")
                #expect(second.json["order_id"] as? String == first.json["id"] as? String)
                #expect(try await service.buy(sale, as: "bob").status == 201)
                let late = try await service.buy(sale, as: "cat")
                #expect(late.status == 409 && late.code == "sold_out")
                #expect(late.json["retryable"] as? Bool == false)
                #expect(try await stores.orders(of: sale).count == 2)
            }
        }
    }

    @Test func outsideItsWindowASaleSaysWhy() async throws {
        try await withStores { stores in
            let early = try await stores.makeSale(opensIn: 100)
            let late = try await stores.makeSale(opensIn: -100, closesIn: -1)
            let paused = try await stores.makeSale()
            _ = try await stores.operations.setStatus(
                .paused, of: paused, dryRun: false, by: Attribution(actor: "test", command: "pause"))
            try await withService(over: stores) { service in
                try await service.sees(early, "not_started")
                let notStarted = try await service.buy(early, as: "ann")
                #expect(notStarted.status == 409 && notStarted.code == "not_started")
                let wait = try #require(notStarted.header("Retry-After").flatMap { Int($0) })
                #expect((1...100).contains(wait))
                #expect(notStarted.json["opens_at"] is String && notStarted.json["server_time"] is String)
                try await service.sees(late, "closed")
                let closed = try await service.buy(late, as: "ann")
                #expect(closed.status == 410 && closed.code == "closed")
                try await service.sees(paused, "paused")
                let refused = try await service.buy(paused, as: "ann")
                #expect(refused.status == 409 && refused.code == "paused")
                _ = try await stores.operations.setStatus(
                    .open, of: paused, dryRun: false, by: Attribution(actor: "test", command: "resume"))
                _ = try await service.eventually {
                    try await service.buy(paused, as: "ann")
                } until: {
                    $0.status == 201
                }
            }
        }
    }

    @Test func tooManyRequestsAreToldWhenToComeBack() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100, limitPerUser: 100)
            try await withService(over: stores, ["SECKILL_LIMIT_PER_USER": "1/3", "SECKILL_LIMIT_PER_IP": "1000/2000"]) { service in
                try await service.sees(sale, "open")
                let first = try await service.buy(sale, as: "ann")
                #expect(first.header("RateLimit-Policy") == "\"user\";q=3;w=3, \"ip\";q=2000;w=2")
                #expect(first.header("RateLimit")?.hasPrefix("\"user\";r=2;t=") == true)
                let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for _ in 0..<40 { group.addTask { try await service.buy(sale, as: "ann") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let limited = answers.filter { $0.status == 429 }
                #expect(answers.count { $0.status == 201 } == answers.count - limited.count)
                #expect(!limited.isEmpty, "forty at once do not take so long that forty tokens come")
                for answer in limited {
                    #expect(answer.code == "rate_limited")
                    #expect(answer.json["violated_policies"] as? [String] == ["user"])
                    #expect(answer.header("Retry-After") == "1")
                }
                #expect(try await service.buy(sale, as: "bob").status == 201, "another user's bucket is untouched")
            }
        }
    }

    @Test func aFullServiceRefusesBeforeStockIsTouched() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 1_000)
            try await withService(over: stores, ["SECKILL_QUEUE_CAPACITY": "1"]) { service in
                try await service.sees(sale, "open")
                let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for index in 0..<100 { group.addTask { try await service.buy(sale, as: "u\(index)") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let committed = answers.count { $0.status == 201 }
                let refused = answers.filter { $0.status == 503 }
                #expect(committed + refused.count == 100)
                #expect(committed >= 1 && !refused.isEmpty)
                #expect(refused.allSatisfy { $0.code == "overloaded" && $0.header("Retry-After") != nil })
                #expect(try await stores.orders(of: sale).count == committed)
                let audit = try await stores.operations.audit(sale)
                #expect(audit.breaches.isEmpty)
            }
        }
    }
}
