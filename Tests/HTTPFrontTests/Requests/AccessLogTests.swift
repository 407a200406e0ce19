import Logging
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

@Suite struct AccessLogTests {
    private static let second: UInt64 = 1_000_000_000

    private func wanted(_ setting: AccessLogSetting, _ requests: [(status: Int, nanoseconds: UInt64, at: UInt64)]) -> [Bool] {
        let log = AccessLog(setting, logger: KeptLines().logger)
        return requests.map { log.wants(status: $0.status, nanoseconds: $0.nanoseconds, at: MonotonicInstant(nanoseconds: $0.at)) }
    }

    @Test func errorsAreThoseThatFailedOrWereLate() {
        let requests: [(Int, UInt64, UInt64)] = [
            (201, 1_000, 0), (409, 1_000, 0), (429, 1_000, 0), (500, 1_000, 0), (503, 1_000, 0), (201, Self.second + 1, 0), (201, Self.second, 0),
        ]
        #expect(wanted(.errors, requests) == [false, false, false, true, true, true, false])
        #expect(!wanted(.all, requests).contains(false))
        #expect(!wanted(.off, requests).contains(true))
    }

    @Test func aFloodOfErrorsGetsSoManyLinesASecond() {
        let flood = (0..<1_000).map { _ in (503, UInt64(1), UInt64(0)) } + (0..<1_000).map { _ in (503, UInt64(1), Self.second) }
        #expect(wanted(.errors, flood).count { $0 } == 2 * Limits.accessLogErrorsPerSecondMax)
    }

    @Test func aSampleLeavesErrorsTheirRoom() {
        let requests = (0..<50).map { _ in (201, UInt64(1), UInt64(0)) } + [(503, 1, 0)] + (0..<50).map { _ in (201, UInt64(1), Self.second) }
        #expect(wanted(.sampled(perSecond: 3), requests).count { $0 } == 7)
    }

    /// Many of the admin port's requests wait for nodes or events, and none is a buyer's.
    @Test func ofTheAdminPortFailuresAreToldAndLongWaitsAreNot() {
        let lines = KeptLines()
        let report = RequestReport(log: AccessLog(.errors, logger: lines.logger)).ofAdminPort
        for (status, nanoseconds) in [(200, 20 * Self.second), (503, 1), (409, 1)] {
            let line = AccessLine(
                requestID: .number(UInt64(status)), method: "GET", path: "/admin/v1/nodes", status: status, nanoseconds: nanoseconds)
            report.answered(line, route: "/admin/v1/nodes", at: MonotonicInstant(nanoseconds: Self.second))
        }
        let kept = lines.all
        #expect(kept.map { $0["status"] } == ["503"] && kept.first?["request_id"] == "00000000000001f7")
        #expect(report.counts == nil)
    }

    /// Whoever floods a node with what is no request must be seen.
    @Test func whatCannotBeReadIsTold() throws {
        let lines = KeptLines()
        let front = try FrontUnderTest(.trustedHeader, report: RequestReport(log: AccessLog(.all, logger: lines.logger)))
        let answer = try front.answer(to: "POST /v1/sales/demo/orders HTTQ/1.1\r\n\r\n")
        let line = try #require(lines.all.first)
        #expect(line["status"] == "400" && line["code"] == "malformed_request")
        #expect(answer.contains("X-Request-Id: \(line["request_id"] ?? "none")\r\n"), "\(answer)")
    }

    /// As far as it can be read, also under the name that the proxy in front gave it.
    @Test func whatIsRefusedAtItsHeadIsTold() throws {
        let lines = KeptLines()
        let front = try FrontUnderTest(
            .trustedHeader, proxies: TrustedProxies(FrontUnderTest.peer), report: RequestReport(log: AccessLog(.all, logger: lines.logger)))
        let answer = try front.answer(to: "GET /v1/sales?a=b HTTP/1.1\r\nHost: h\r\nHost: i\r\nX-Request-Id: edge-7\r\n\r\n")
        let kept = lines.all
        #expect(kept.count == 1)
        #expect(kept.first?["request_id"] == "edge-7" && kept.first?["status"] == "400", "\(kept)")
        #expect(kept.first?["method"] == "GET" && kept.first?["path"] == "/v1/sales", "\(kept)")
        #expect(answer.contains("X-Request-Id: edge-7\r\n"), "\(answer)")
    }

    @Test func aPurchasesLineNamesTheRequestTheOrderAndNobody() throws {
        let lines = KeptLines()
        let front = try FrontUnderTest(
            .trustedHeader, proxies: TrustedProxies(FrontUnderTest.peer), report: RequestReport(log: AccessLog(.all, logger: lines.logger)))
        let body = #"{"sku":"phone-x","quantity":1}"#
        let answer = try front.answer(
            to: "POST /v1/sales/demo/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: anna\r\nIdempotency-Key: secret-key\r\nX-Request-Id: edge-7\r\n"
                + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let line = try #require(lines.all.first)
        #expect(line["request_id"] == "edge-7")
        #expect(line["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(line["path"] == "/v1/sales/demo/orders")
        #expect(line["status"] == "201")
        #expect(answer.contains("/v1/orders/\(line["order"] ?? "")\r\n"))
        #expect(!"\(line)".contains("anna") && !"\(line)".contains("secret-key"))
    }
}
