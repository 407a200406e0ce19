import Foundation
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// Operators' REST on a real socket over real stores.
@Suite(.timeLimit(.minutes(3))) struct OperatorRESTTests {
    static func definition(title: String = "Noon", stock: Int = 10, price: Int = 399_900) -> String {
        """
        {"title":"\(title)","opens_at":"2026-01-01T00:00:00Z","closes_at":"2036-01-01T00:00:00Z","pay_within":"15m",
         "items":[{"sku":"phone-x","title":"Phone X","unit_price":\(price),"currency":"CNY","stock":\(stock),"limit_per_user":1}]}
        """
    }

    private static let order = "01a20acf-3265-7000-8038-51184c652a93"

    /// Every change that there is, as it would succeed on a sale; the order is none's.
    static func writes(_ sale: SaleID, version: String) -> [(HTTPMethod, String, [(String, String)], String)] {
        let path = "/admin/v1/sales/\(sale)"
        return [
            (.PUT, path, [("If-Match", version)], definition()),
            (.PATCH, path, [("If-Match", version)], #"{"closes_at":"2036-01-02T00:00:00Z"}"#),
            (.PATCH, "\(path)/items/phone-x", [("If-Match", version)], #"{"unit_price":1}"#),
            (.POST, "/admin/v1/orders/\(order)/cancel", [], #"{"reason":"fraud"}"#),
            (.POST, "/admin/v1/orders/\(order)/refunds", [], #"{"amount":1,"currency":"CNY","reference":"r-1"}"#),
            (.POST, "\(path)/pause", [], #"{"reason":"wrong price"}"#), (.POST, "\(path)/resume", [], #"{"reason":"mended"}"#),
            (.POST, "\(path)/items/phone-x/stock", [], #"{"add":5,"reason":"a pallet more"}"#),
            (.POST, "\(path)/close", [], #"{"reason":"over","confirm":"\#(sale)"}"#),
        ]
    }

    @Test func aSaleIsCreatedChangedPausedAndClosed() async throws {
        try await withOperators { operators in
            let path = "/admin/v1/sales/noon"
            let created = try await operators.send(.PUT, path, headers: [("If-None-Match", "*")], body: Self.definition())
            #expect(created.status == 201, "\(created.text)")
            let tag = try #require(created.header("ETag"))
            #expect(tag == "\"\(try #require(created.json["version"] as? Int))\"")
            #expect(created.json["obeyed_by"] as? Int == 1 && created.json["nodes"] as? Int == 1)

            let again = try await operators.send(.PUT, path, headers: [("If-None-Match", "*")], body: Self.definition())
            #expect(again.status == 412 && again.code == "precondition_failed")

            let read = try await operators.send(.GET, path, as: "wall")
            #expect(read.header("ETag") == tag && read.header("Cache-Control") == "no-store")
            let item = try #require((read.json["items"] as? [[String: Any]])?.first)
            #expect(item["sku"] as? String == "phone-x" && item["loaded"] as? Int == 10 && item["committed"] as? Int == 0)
            #expect(read.json["fence"] as? String == "proven" && read.json["status"] as? String == "open")

            let dry = try await operators.send(
                .PUT, path + "?dry_run=true", headers: [("If-Match", tag)], body: Self.definition(title: "Noon sharp"))
            #expect(dry.status == 200 && dry.json["dry_run"] as? Bool == true && dry.json["title"] as? String == "Noon")
            let changed = try await operators.send(.PUT, path, headers: [("If-Match", tag)], body: Self.definition(title: "Noon sharp", price: 1))
            #expect(changed.status == 200 && changed.json["title"] as? String == "Noon sharp")
            #expect((changed.json["changes"] as? [[String: Any]])?.count == 2)
            #expect(changed.header("ETag") != tag)

            let paused = try await operators.send(.POST, path + "/pause", body: #"{"reason":"wrong price"}"#)
            #expect(paused.status == 200 && paused.json["status"] as? String == "paused")
            #expect(paused.json["obeyed_by"] as? Int == 1 && paused.json["nodes"] as? Int == 1)
            #expect(try await operators.service.buy(SaleID("noon")!, as: "ann").code == "paused")
            let resumed = try await operators.send(
                .POST, path + "/resume", as: "root", headers: [("Seckill-Channel", "console")], body: #"{"reason":"mended"}"#)
            #expect(resumed.status == 200 && resumed.json["status"] as? String == "open")
            let more = try await operators.send(.POST, path + "/items/phone-x/stock", body: #"{"add":5,"reason":"a pallet more"}"#)
            #expect(more.status == 200 && ((more.json["items"] as? [[String: Any]])?.first?["loaded"] as? Int) == 15)

            let meant = try await operators.send(.POST, path + "/close", body: #"{"reason":"over","confirm":"noo"}"#)
            #expect(meant.status == 422 && meant.code == "invalid_request")
            #expect(try await operators.send(.POST, path + "/close", body: #"{"reason":"over"}"#).status == 422)
            #expect(try await operators.send(.POST, path + "/close", body: #"{"reason":"over","confirm":"noon"}"#).status == 200)
            let late = try await operators.send(.POST, path + "/resume", body: #"{"reason":"back"}"#)
            #expect(late.status == 409 && late.code == "conflict")
            #expect(
                try await operators.history(of: SaleID("noon")!) == [
                    "ada|api|PUT /admin/v1/sales/noon|true", "ada|api|PUT /admin/v1/sales/noon|true",
                    "ada|api|POST /admin/v1/sales/noon/pause|wrong price|true", "root|console|POST /admin/v1/sales/noon/resume|mended|true",
                    "ada|api|POST /admin/v1/sales/noon/items/phone-x/stock|a pallet more|true",
                    "ada|api|POST /admin/v1/sales/noon/close|over|true",
                ])
            let history = try await operators.send(.GET, "/admin/v1/history?sale=noon&limit=2", as: "wall")
            let entries = try #require(history.json["history"] as? [[String: Any]])
            #expect(entries.map { $0["reason"] as? String } == ["over", "a pallet more"])
            #expect(entries[0]["actor"] as? String == "ada" && entries[0]["sale"] as? String == "noon" && entries[0]["at"] is String)
            #expect((entries[0]["command"] as? String)?.contains("close") == true)
            let cursor = try #require(history.json["next_cursor"] as? String)
            let rest = try await operators.send(.GET, "/admin/v1/history?sale=noon&cursor=\(cursor)", as: "wall")
            #expect((rest.json["history"] as? [Any])?.count == 4 && rest.json["next_cursor"] is NSNull)
        }
    }

    /// No node tells of it any more, and the answer would wait for all of them.
    @Test func ofASaleThatEndedLongAgoNobodyIsWaitedFor() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale(opensIn: -200_000, closesIn: -100_000)
            let answer = try await operators.send(
                .PATCH, "/admin/v1/sales/\(sale)", headers: [("If-Match", "*")], body: #"{"title":"Long ago"}"#)
            #expect(answer.status == 200 && answer.json["title"] as? String == "Long ago", "\(answer.text)")
            #expect(answer.json["obeyed_by"] == nil && answer.json["nodes"] == nil)
        }
    }

    @Test func noWriteSucceedsWithoutTheRightToIt() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let before = try await operators.send(.GET, "/admin/v1/sales/\(sale)")
            let version = try #require(before.header("ETag"))
            for (method, path, headers, body) in Self.writes(sale, version: version) {
                func status(_ name: String?, _ more: [(String, String)] = []) async throws -> Int {
                    try await operators.send(method, path, as: name, headers: headers + more, body: body).status
                }
                #expect(try await status(nil) == 401, "\(path)")
                #expect(try await status("wall") == 403, "\(path)")
                #expect(try await status("ada", [("Sec-Fetch-Site", "cross-site")]) == 403, "\(path)")
                #expect(try await status("ada", [("Sec-Fetch-Site", "same-site")]) == 403, "\(path)")
                #expect(try await status("ada", [("Origin", "http://evil.example")]) == 403, "\(path)")
                #expect(try await status("ada", [("Host", "evil.example")]) == 421, "\(path)")
                let connection = try RawConnection(to: operators.service.admin.port)
                try connection.send(
                    "\(method.rawValue) \(path) HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer \(operators.tokens["ada"] ?? "")\r\n"
                        + headers.map { "\($0.0): \($0.1)\r\n" }.joined() + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                #expect(try await connection.readToEnd().hasPrefix("HTTP/1.1 421 "), "\(path)")
            }
            let wrong = try await operators.send(.POST, "/admin/v1/sales/\(sale)/pause", as: "sko_wrong", body: #"{"reason":"x"}"#)
            #expect(wrong.status == 401 && wrong.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            // Before body and resource.
            #expect(try await operators.send(.POST, "/admin/v1/sales/nope/pause", as: nil, body: "{").status == 401)
            #expect(try await operators.send(.POST, "/admin/v1/nowhere", as: "wall").status == 403)
            #expect(try await operators.send(.GET, "/admin/v1/sales/\(sale)").text == before.text)
            #expect(try await operators.history(of: sale).isEmpty)
        }
    }

    @Test(arguments: [("10.9.9.9", false), ("127.0.0.1", true)])
    func onlyATrustedProxyNamesARequest(proxies: String, isNamed: Bool) async throws {
        try await withOperators(["SECKILL_TRUSTED_PROXIES": proxies]) { operators in
            let sale = try await operators.stores.makeSale()
            let answer = try await operators.send(
                .POST, "/admin/v1/sales/\(sale)/pause", headers: [("X-Request-Id", "edge-7")], body: #"{"reason":"x"}"#)
            #expect(answer.status == 200 && (answer.header("X-Request-Id") == "edge-7") == isNamed)
            let history = try await operators.send(.GET, "/admin/v1/history?sale=\(sale)&limit=1")
            let entry = (history.json["history"] as? [[String: Any]])?.first
            #expect(entry?["request_id"] as? String == answer.header("X-Request-Id"))
        }
    }

    @Test func aForgedTokenIsLimitedPerAddressAndLocksNobodyOut() async throws {
        try await withOperators { operators in
            var statuses: [Int] = []
            for _ in 0..<12 { statuses.append(try await operators.send(.GET, "/admin/v1/me", as: "sko_forged").status) }
            #expect(statuses == Array(repeating: 401, count: 10) + [429, 429])
            let limited = try await operators.send(.GET, "/admin/v1/me", as: "sko_forged")
            #expect(limited.code == "rate_limited" && limited.header("Retry-After").flatMap { Int($0) } ?? 0 > 0)
            let me = try await operators.send(.GET, "/admin/v1/me")
            #expect(me.json["name"] as? String == "ada" && me.json["role"] as? String == "operator")
        }
    }

    @Test func withoutOperatorsTheMachineReadsAndNobodyWrites() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                let base = "http://\(service.admin)"
                let me = try await service.send(.GET, "/admin/v1/me", base: base)
                #expect(me.status == 200 && me.json["role"] as? String == "viewer")
                #expect(try await service.send(.GET, "/admin/v1/sales", base: base).text.contains(sale.rawValue))
                for (method, path, headers, body) in Self.writes(sale, version: "\"1\"") {
                    #expect(try await service.send(method, path, headers: headers, body: body, base: base).status == 401)
                    let forged = headers + [("Authorization", "Bearer sko_anything")]
                    #expect([401, 429].contains(try await service.send(method, path, headers: forged, body: body, base: base).status))
                }
                for path in ["/metrics", "/console/"] {
                    let connection = try RawConnection(to: service.admin.port)
                    try connection.send("GET \(path) HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
                    #expect(try await connection.readToEnd().hasPrefix("HTTP/1.1 421 "))
                }
                let metrics = try await service.send(.GET, "/metrics", base: base)
                #expect(metrics.status == 200)
                #expect(metrics.text.contains(#"seckill_build_info{commit="\#(Build.current.commit)",version=""#))
            }
        }
    }

    @Test func ofTwoAtOnceOneHearsThatTheOtherWasFaster() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let path = "/admin/v1/sales/\(sale)"
            let tag = try #require(try await operators.send(.GET, path).header("ETag"))
            let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
                for title in ["One", "Other"] {
                    tasks.addTask { try await operators.send(.PUT, path, headers: [("If-Match", tag)], body: Self.definition(title: title)) }
                }
                return try await tasks.reduce(into: [Answer]()) { $0.append($1) }
            }
            #expect(answers.map(\.status).sorted() == [200, 412])
            let (won, lost) = (answers.first { $0.status == 200 }, answers.first { $0.status == 412 })
            #expect(lost?.header("ETag") == won?.header("ETag") && lost?.header("ETag") != tag)
            #expect(lost?.json["version"] as? Int == won?.json["version"] as? Int)
            #expect(try await operators.history(of: sale).count == 1)
        }
    }

    @Test func aChangeNamesTheVersionThatItWasMadeFrom() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let path = "/admin/v1/sales/\(sale)"
            func put(_ headers: [(String, String)]) async throws -> Answer {
                try await operators.send(.PUT, path, headers: headers, body: Self.definition())
            }
            #expect(try await operators.send(.PUT, "/admin/v1/sales/none", headers: [("If-Match", "*")], body: Self.definition()).status == 404)
            let whichever = try await operators.send(
                .PATCH, path, headers: [("If-Match", "*")], body: #"{"title":"Whichever there is"}"#)
            #expect(whichever.status == 200 && whichever.json["title"] as? String == "Whichever there is", "\(whichever.text)")
            let missing = try await put([])
            #expect(missing.status == 428 && missing.code == "precondition_required")
            #expect(try await put([("If-Match", "\"1\", \"2\"")]).status == 400)
            for stale in ["\"999\"", "W/\"1\"", "1", "\"\"", "\"x\""] { #expect(try await put([("If-Match", stale)]).status == 412, "\(stale)") }
            #expect(try await put([("If-None-Match", "\"1\"")]).status == 400)
            #expect(try await put([("If-None-Match", "*"), ("If-Match", "\"1\"")]).status == 400)
            let paused = try await operators.send(.POST, path + "/pause", headers: [("If-Match", "\"999\"")], body: #"{"reason":"x"}"#)
            #expect(paused.status == 412)
            #expect(try await operators.history(of: sale).count == 1, "what was refused stands in the history")
        }
    }

    @Test func aBodyThatSaysTheWrongThingChangesNothing() async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            let path = "/admin/v1/sales/\(sale)"
            let tag = try #require(try await operators.send(.GET, path).header("ETag"))
            let wrong = [
                ("{", 400), ("[]", 422), (Self.definition().replacing("\"title\":\"Noon\"", with: "\"titel\":\"Noon\""), 422),
                (Self.definition().replacing("\"stock\":10", with: "\"stock\":10,\"colour\":\"red\""), 422),
                (Self.definition().replacing("\"stock\":10", with: "\"stock\":-1"), 422),
                (Self.definition().replacing("\"title\":\"Noon\"", with: "\"title\":\"Noon\",\"title\":\"Noon\""), 400),
                (Self.definition().replacing("{\"title\"", with: "{\"sale\":\"other\",\"title\""), 422),
            ]
            for (body, status) in wrong {
                let answer = try await operators.send(.PUT, path, headers: [("If-Match", tag)], body: body)
                #expect(answer.status == status, "\(body): \(answer.text)")
            }
            for body in ["{}", #"{"reason":""}"#, #"{"reason":"x","by":"me"}"#, #"{"reason":7}"#] {
                #expect(try await operators.send(.POST, path + "/pause", body: body).status == 422, "\(body)")
            }
            for body in [#"{"add":0,"reason":"x"}"#, #"{"add":"5","reason":"x"}"#, #"{"add":1.5,"reason":"x"}"#, #"{"add":5}"#] {
                #expect(try await operators.send(.POST, path + "/items/phone-x/stock", body: body).status == 422, "\(body)")
            }
            let tooFew = try await operators.send(.POST, path + "/items/phone-x/stock", body: #"{"add":-11,"reason":"x"}"#)
            #expect(tooFew.status == 409 && tooFew.code == "conflict")
            #expect(try await operators.send(.POST, path + "/items/nope/stock", body: #"{"add":1,"reason":"x"}"#).code == "unknown_sku")
            #expect(try await operators.send(.POST, "/admin/v1/sales/nope/pause", body: #"{"reason":"x"}"#).code == "unknown_sale")
            #expect(try await operators.send(.POST, path + "/pause?dry-run=true", body: #"{"reason":"x"}"#).status == 422)
            #expect(try await operators.send(.POST, path + "/pause?dry_run=1", body: #"{"reason":"x"}"#).status == 422)
            #expect(
                try await operators.send(.POST, path + "/pause", headers: [("Content-Type", "text/plain")], body: #"{"reason":"x"}"#).status == 415)
            #expect(try await operators.send(.DELETE, path).status == 405)
            #expect(try await operators.send(.GET, path).header("ETag") == tag)
            #expect(try await operators.history(of: sale).isEmpty)
        }
    }
}
