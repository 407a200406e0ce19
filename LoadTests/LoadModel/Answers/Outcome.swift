/// How one purchase ended, as its sender saw it.
package enum Outcome: String, Sendable, CaseIterable, Codable {
    /// 201: bought.
    case committed
    /// 202: bought, unless the database finds otherwise.
    case reserved
    /// 409 `sold_out`.
    case soldOut = "sold_out"
    /// 409 `limit_reached`.
    case limitReached = "limit_reached"
    /// 429.
    case rateLimited = "rate_limited"
    /// 503.
    case shed
    /// Any other 4xx: not started, paused, closed, or a request that is wrong.
    case refused
    /// Any other status: what it did to the stock is not known.
    case error
    /// Sent, and no answer that can be read: it may have bought or not.
    case unknown
    /// Never sent: no connection was to be had.
    case unsent
    /// 200 to what follows a purchase: paid or cancelled.
    case settled

    package init(status: Int, code: String?) {
        self =
            switch (status, code) {
            case (201, _): .committed
            case (202, _): .reserved
            case (409, "sold_out"): .soldOut
            case (409, "limit_reached"): .limitReached
            case (429, _): .rateLimited
            case (503, _): .shed
            case (400..<500, _): .refused
            default: .error
            }
    }

    /// Of a payment's or a cancellation's answer.
    package init(followUpStatus status: Int, code: String?) {
        switch status {
        case 200: self = .settled
        case 201, 202: self = .error
        default: self.init(status: status, code: code)
        }
    }

    /// The service said something about the sale, rather than about the request or itself.
    package var isJudged: Bool {
        switch self {
        case .committed, .reserved, .soldOut, .limitReached, .rateLimited, .shed, .settled: true
        case .refused, .error, .unknown, .unsent: false
        }
    }

    /// A response came back.
    package var isAnswered: Bool {
        switch self {
        case .unknown, .unsent: false
        default: true
        }
    }

    /// Nobody knows from the answer whether an order was made.
    package var mayHaveBought: Bool {
        switch self {
        case .error, .unknown: true
        default: false
        }
    }
}
