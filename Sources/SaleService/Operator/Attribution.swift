/// Who changes something, how and why: kept in the audit trail.
package struct Attribution: Sendable, Equatable {
    /// The way by which operators' wishes come.
    package enum Channel: String, Sendable, CaseIterable {
        case cli
        case api
        case console
    }

    /// Such as the login name of the shell, or the name of the operator's token.
    package var actor: String
    package var channel: Channel
    /// What was typed, or the request's method and path.
    package var command: String
    /// In the operator's words.
    package var reason: String?
    /// Of the HTTP request that it came with.
    package var requestID: String?
    /// For a change that is made once, however often it is asked for.
    package var request: RequestKey?

    package init(actor: String, channel: Channel = .cli, command: String, reason: String? = nil, requestID: String? = nil) {
        self.actor = actor
        self.channel = channel
        self.command = command
        self.reason = reason
        self.requestID = requestID
    }

    /// The same for another reason.
    package func because(_ reason: String?) -> Attribution {
        var attribution = self
        attribution.reason = reason
        return attribution
    }
}
