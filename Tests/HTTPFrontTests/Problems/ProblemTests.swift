import Foundation
import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct ProblemTests {
    private static let requestID = HTTPFront.RequestID.number(0x0123_4567_89AB_CDEF)

    /// The table of the contract.
    @Test func everyCodeHasItsStatus() {
        let expected: [Int: Set<String>] = [
            400: ["malformed_request", "idempotency_key_required"], 401: ["unauthenticated"], 403: ["forbidden"],
            404: ["unknown_sale", "unknown_sku", "unknown_order", "not_found"], 405: ["method_not_allowed"],
            409: ["sold_out", "limit_reached", "not_started", "paused", "idempotency_in_progress", "not_cancellable"], 410: ["closed"],
            413: ["body_too_large"], 415: ["unsupported_media_type"], 422: ["invalid_request", "idempotency_mismatch"],
            429: ["rate_limited"], 431: ["headers_too_large"],
            501: ["not_implemented"], 503: ["overloaded", "recovering", "draining"], 505: ["version_not_supported"],
        ]
        let actual = Dictionary(grouping: ProblemCode.allCases.filter { !ProblemCode.ofOperators.contains($0) }, by: \.status).mapValues {
            Set($0.map(\.rawValue))
        }
        #expect(actual == expected)
        #expect(ProblemCode.ofOperators.map(\.status) == [421, 409, 412, 428])
    }

    @Test(arguments: ProblemCode.allCases)
    func everyProblemHasTheMembersOfTheContract(code: ProblemCode) throws {
        let object = try Self.object(Problem(code))
        #expect(Set(object.keys) == ["type", "title", "status", "detail", "code", "request_id", "retryable"])
        #expect(object["type"] as? String == "/problems/\(code.rawValue)")
        #expect(object["status"] as? Int == code.status)
        #expect(object["code"] as? String == code.rawValue)
        #expect(object["request_id"] as? String == "0123456789abcdef")
        #expect(object["retryable"] as? Bool == code.isRetryable)
        #expect((object["detail"] as? String)?.isEmpty == false)
    }

    @Test(arguments: ProblemCode.allCases)
    func whatMaySucceedLaterSaysWhen(code: ProblemCode) {
        #expect((Problem(code).retryAfterSeconds != nil) == code.isRetryable)
    }

    @Test func extrasStandBesideTheOtherMembers() throws {
        let object = try Self.object(
            Problem(
                .notStarted, detail: "\"Soon\"",
                extras: [
                    .orderID(Sample.orderID), .opensAt(Sample.now), .serverTime(Sample.now), .violatedPolicies(["user", "ip"]),
                    .errors([Violation(field: "a\"b", reason: "is missing")]),
                ]))
        #expect(object["detail"] as? String == "\"Soon\"")
        #expect(object["order_id"] as? String == Sample.orderID.description)
        #expect(object["opens_at"] as? String == "2026-03-01T12:00:00Z")
        #expect(object["server_time"] as? String == "2026-03-01T12:00:00Z")
        #expect(object["violated_policies"] as? [String] == ["user", "ip"])
        #expect(object["errors"] as? [[String: String]] == [["field": "a\"b", "reason": "is missing"]])
    }

    @Test(arguments: [0, 1, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, .max] as [UInt64])
    func aPreparedRefusalIsTheSameBytes(id: UInt64) {
        let problem = Problem(.soldOut)
        for origin in [nil, AllowedOrigin("https://shop.example")] {
            let frame = AnswerFrame(requestID: .number(id), date: "Sun, 01 Mar 2026 12:00:00 GMT", allowedOrigin: origin)
            var (written, prepared, body) = (ByteBuffer(string: "before"), ByteBuffer(string: "before"), ByteBuffer())
            PurchaseAnswer.problem(problem).write(frame, closes: false, body: &body, into: &written)
            PreparedRefusal(problem).write(requestID: id, date: frame.date, allowedOrigin: origin, into: &prepared)
            #expect(prepared == written)
        }
    }

    @Test func requestIDsOfOneGeneratorDiffer() {
        var generator = RequestIDGenerator()
        #expect(Set((0..<10_000).map { _ in generator.next() }).count == 10_000)
    }

    @Test func requestIDIsSixteenHexadecimalCharacters() {
        #expect(HTTPFront.RequestID.number(0).description == "0000000000000000")
        #expect(HTTPFront.RequestID.number(.max).description == "ffffffffffffffff")
    }

    /// Edges give these as types, and their pages are asked for here.
    @Test(arguments: ["outcome_unknown", "request_timeout"])
    func whatEdgesSayHasItsPage(code: String) {
        #expect(ProblemPages.list.contains("/problems/\(code)"))
        #expect(ProblemPages.page(ofEdgesCode: code)?.contains(code) == true)
        #expect(ProblemPages.page(ofEdgesCode: "sold_out") == nil)
    }

    @Test func pagesNameEveryCode() {
        for code in ProblemCode.allCases {
            #expect(ProblemPages.list.contains("/problems/\(code.rawValue)"))
            #expect(ProblemPages.page(of: code).contains(code.rawValue))
        }
    }

    private static func object(_ problem: Problem) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(problem.body(requestID: requestID).readableBytesView)) as? [String: Any])
    }
}
