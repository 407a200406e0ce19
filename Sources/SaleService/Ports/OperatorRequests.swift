/// Names a change that is to be made once, however often it is asked for.
package struct RequestKey: Sendable, Equatable {
    /// SHA-256 of the operator's `Idempotency-Key`, in hexadecimal.
    package var key: String
    /// SHA-256 of what was asked for.
    package var request: String

    package init(key: String, request: String) {
        self.key = key
        self.request = request
    }
}

/// A change that was made under a key.
package struct KeptRequest: Sendable, Equatable {
    package struct Answer: Sendable, Equatable {
        package var status: Int
        package var entityTag: String?
        package var body: String

        package init(status: Int, entityTag: String?, body: String) {
            self.status = status
            self.entityTag = entityTag
            self.body = body
        }
    }

    package var request: String
    /// `nil` while it is not known, and for ever when its node died before it was.
    package var answer: Answer?

    package init(request: String, answer: Answer?) {
        self.request = request
        self.answer = answer
    }
}

/// What operators asked for under a key. A change that enters the audit trail enters its key here
/// in the same transaction, and fails when the key is there already.
package protocol OperatorRequests: Sendable {
    func kept(under key: String, of actor: String) async throws(JournalError) -> KeptRequest?

    /// Keeps the answer, unless one is there. Forgets what is older than a day.
    func keep(_ answer: KeptRequest.Answer, under key: RequestKey, of actor: String) async throws(JournalError)
}
