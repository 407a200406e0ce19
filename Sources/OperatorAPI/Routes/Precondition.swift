import HTTPFront
import HTTPTypes
import Hummingbird
import SaleService

extension SalePrecondition {
    /// Reads `If-Match` and `If-None-Match`. Tags are compared strongly (RFC 9110, section 13.1.1):
    /// a weak one, or one that is no version, is nobody's.
    ///
    /// - Parameters:
    ///   - isRequired: without it the request must not change anything.
    ///   - mayCreate: `If-None-Match: *` is an expectation here.
    init(_ request: Request, isRequired: Bool, mayCreate: Bool = false) throws(Problem) {
        let (matches, noneMatches) = (request.headers[values: .ifMatch], request.headers[values: .ifNoneMatch])
        guard noneMatches.isEmpty || mayCreate && noneMatches == ["*"] && matches.isEmpty else {
            throw Problem(.malformedRequest, detail: "If-None-Match must be *, to create a sale, and stand alone.")
        }
        if !noneMatches.isEmpty {
            self = .absent
        } else if matches.isEmpty {
            guard !isRequired else { throw Problem(.preconditionRequired) }
            self = .any
        } else {
            guard matches.count == 1, !matches[0].contains(",") else { throw Problem(.malformedRequest, detail: "If-Match must be one ETag.") }
            self = Self.trimmed(matches[0]) == "*" ? .present : .version(Self.version(matches[0]) ?? Self.noVersion)
        }
    }

    /// That no sale is in.
    private static let noVersion: Int64 = -1

    private static func trimmed(_ value: String) -> Substring { value.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" } }

    private static func version(_ value: String) -> Int64? {
        let tag = trimmed(value)
        guard tag.count > 2, tag.first == "\"", tag.last == "\"" else { return nil }
        return Int64(tag.dropFirst().dropLast())
    }
}
