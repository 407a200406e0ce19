import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// What every change that an operator asks for says beside its body.
struct WriteRequest: Sendable {
    /// Say what would change, and change nothing.
    let isDryRun: Bool
    let attribution: Attribution
    let body: ByteBuffer

    private static let channel = HTTPField.Name("Seckill-Channel")!

    /// - Parameter parameters: that the query may have.
    init(_ request: Request, _ context: FrontContext, parameters: [String] = ["dry_run"]) async throws {
        let query = try Query(request, parameters)
        isDryRun = try query.flag("dry_run")
        var attribution = Attribution(
            actor: try context.requireCaller().name, channel: request.headers[Self.channel] == "console" ? .console : .api,
            command: "\(request.method.rawValue) \(request.uri.path)", requestID: context.requestID.description)
        guard request.isJSON else { throw Problem(.unsupportedMediaType) }
        do {
            body = try await request.body.collect(upTo: Limits.operatorBodyBytesMax)
        } catch is NIOTooManyBytesError {
            throw Problem(.bodyTooLarge, detail: "The body is longer than \(Limits.operatorBodyBytesMax) bytes.")
        }
        let key = try RequestKey(request, body: body)
        attribution.request = isDryRun ? nil : key
        self.attribution = attribution
    }
}

/// The parameters of a request's query, each known and there once.
struct Query {
    private var values: [String: String] = [:]

    init(_ request: Request, _ names: [String]) throws(Problem) {
        var violations: [Violation] = []
        for (name, value) in request.uri.queryParameters where !name.isEmpty && violations.count < BodyProblem.violationsMax {
            let name = String(name)
            if !names.contains(name) {
                violations.append(Violation(field: String(name.prefix(64)), reason: "is not a parameter of this path"))
            } else if values.updateValue(String(value), forKey: name) != nil {
                violations.append(Violation(field: name, reason: "is there twice"))
            }
        }
        if !violations.isEmpty { throw Problem(invalid: violations) }
    }

    subscript(_ name: String) -> String? { values[name] }

    /// `false` when it is not there.
    func flag(_ name: String) throws(Problem) -> Bool { try choice(name, ["true": true, "false": false]) ?? false }

    func choice<Value>(_ name: String, _ choices: [String: Value]) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = choices[text] else {
            throw Problem(invalid: [Violation(field: name, reason: "must be \(choices.keys.sorted().joined(separator: " or "))")])
        }
        return value
    }

    func value<Value>(_ name: String, _ rule: String, _ read: (String) -> Value?) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = read(text) else { throw Problem(invalid: [Violation(field: name, reason: rule)]) }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
        try value(name, "must be between \(range.lowerBound) and \(range.upperBound)") { text in
            guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int(text), range.contains(value) else {
                return nil
            }
            return value
        }
    }

    func timestamp(_ name: String) throws(Problem) -> Timestamp? {
        try value(name, "must be an RFC 3339 time with an offset, such as 2026-01-01T00:00:00Z") { Timestamp(rfc3339: $0) }
    }
}

extension Request {
    /// A body without a type is taken for JSON.
    fileprivate var isJSON: Bool {
        guard headers[.contentEncoding] == nil else { return false }
        guard let type = headers[.contentType] else { return true }
        let essence = type.prefix { $0 != ";" }.lowercased()
        return essence.split(whereSeparator: { $0 == " " || $0 == "\t" }) == ["application/json"]
    }
}
