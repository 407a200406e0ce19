/// Why the service does not start, in one line for the operator.
package enum StartError: Error, Sendable, CustomStringConvertible {
    /// A setting has the right form but cannot be used.
    case setting(SettingsError)
    /// Redis or Postgres does not answer, or not as this service needs it.
    case unavailable(String)
    /// Redis or Postgres does not know us, or does not let us do what the start itself needs.
    case denied(String)
    /// The address cannot be listened on.
    case listen(String)

    package var description: String {
        switch self {
        case .setting(let error): error.description
        case .unavailable(let text), .denied(let text), .listen(let text): text
        }
    }
}
