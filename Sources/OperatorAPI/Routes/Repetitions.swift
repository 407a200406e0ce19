import Cryptography
import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// What a change answers, as it is kept for whoever asks for it again.
struct WrittenAnswer {
    var status: HTTPResponse.Status
    var entityTag: String?
    var body: ByteBuffer

    init(_ value: some Encodable, status: HTTPResponse.Status = .ok, entityTag: String? = nil) throws {
        self.status = status
        self.entityTag = entityTag
        body = try .json(value)
    }

    fileprivate init(_ kept: KeptRequest.Answer) {
        status = .init(code: kept.status)
        entityTag = kept.entityTag
        body = ByteBuffer(string: kept.body)
    }

    fileprivate func response(isReplay: Bool = false) -> Response {
        var response = Response.json(body, status: status, entityTag: entityTag)
        if isReplay { response.headers[.idempotencyReplayed] = "true" }
        return response
    }

    fileprivate var kept: KeptRequest.Answer { KeptRequest.Answer(status: status.code, entityTag: entityTag, body: String(buffer: body)) }
}

/// Makes a change that bears an `Idempotency-Key` once, and answers repetitions as the first.
struct Repetitions {
    let requests: any OperatorRequests

    /// - Parameters:
    ///   - present: what is there now, for a change whose answer was lost with its node.
    ///   - change: enters the key of `write` in the transaction that makes the change.
    func once(
        _ write: WriteRequest, present: () async throws -> WrittenAnswer, _ change: () async throws -> WrittenAnswer
    ) async throws -> Response {
        guard let key = write.attribution.request else { return try await change().response() }
        if let replay = try await replay(write, key, present) { return replay }
        let answer: WrittenAnswer
        do {
            answer = try await change()
        } catch OperatorCommandError.postgres(.failed(_, "23505")) {
            // The same request was faster.
            guard let replay = try await replay(write, key, present) else { throw Problem(.idempotencyInProgress, retryAfterSeconds: 1) }
            return replay
        }
        // The change stands, whatever becomes of this.
        try? await requests.keep(answer.kept, under: key, of: write.attribution.actor)
        return answer.response()
    }

    private func replay(_ write: WriteRequest, _ key: RequestKey, _ present: () async throws -> WrittenAnswer) async throws -> Response? {
        guard let kept = try await requests.kept(under: key.key, of: write.attribution.actor) else { return nil }
        guard kept.request == key.request else { throw Problem(.idempotencyMismatch, detail: "This key was used for another change.") }
        if let answer = kept.answer { return WrittenAnswer(answer).response(isReplay: true) }
        return try await present().response(isReplay: true)
    }
}

extension RequestKey {
    /// - Returns: `nil` for a request without a key.
    init?(_ request: Request, body: ByteBuffer) throws(Problem) {
        let values = request.headers[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        guard values.count == 1, let key = IdempotencyKey(headerValue: value) else {
            throw Problem(.malformedRequest, detail: "The Idempotency-Key must be one of 1–255 visible ASCII characters.")
        }
        // Who lost the answer may have read the sale again since.
        let asked = "\(request.method.rawValue) \(request.uri.string)\n\(String(buffer: body))"
        self.init(key: OperatorToken.hexadecimalDigest(of: key.rawValue), request: OperatorToken.hexadecimalDigest(of: asked))
    }
}

extension HTTPField.Name {
    fileprivate static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    fileprivate static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
}
