/// Whose purchases must bear an `Idempotency-Key`. A browser sends a request again by itself when a
/// connection that it kept dies without an answer, and without a key that is a second purchase.
package enum KeyRule: String, CaseIterable, Sendable {
    case browsers
    case required
    case optional

    /// - Parameter isFromBrowser: asked only where it counts.
    func demandsKey(isFromBrowser: @autoclosure () -> Bool) -> Bool {
        switch self {
        case .browsers: isFromBrowser()
        case .required: true
        case .optional: false
        }
    }
}
