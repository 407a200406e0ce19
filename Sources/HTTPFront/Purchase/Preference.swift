import SaleService

/// What a buyer prefers about waiting (RFC 7240).
struct Preference: Equatable {
    /// Seconds, at most `Limits.waitSecondsMax`.
    var waitSeconds: Int?
    var respondsAsync = false

    /// Reads every `Prefer` header. What is not understood is ignored, and of two equal preferences
    /// the first counts, as the RFC wants.
    init(headerValues: [String]) {
        for value in headerValues {
            for preference in value.split(separator: ",") {
                let token = preference.prefix { $0 != ";" }
                let parts = token.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { Self.trimmed($0) }
                switch (parts[0].lowercased(), parts.count > 1 ? parts[1] : nil) {
                case ("respond-async", nil): respondsAsync = true
                case ("wait", let seconds?):
                    if waitSeconds == nil, let seconds = Int(seconds), seconds >= 0 { waitSeconds = min(seconds, Limits.waitSecondsMax) }
                default: break
                }
            }
        }
    }

    /// The value of `Preference-Applied`; `nil` when nothing was applied.
    var applied: String? {
        switch (respondsAsync, waitSeconds) {
        case (true, let seconds?): "respond-async, wait=\(seconds)"
        case (true, nil): "respond-async"
        case (false, let seconds?): "wait=\(seconds)"
        case (false, nil): nil
        }
    }

    /// How long to wait for the commit, in nanoseconds. `respond-async` with `wait` means: answer
    /// by then (RFC 7240, section 4.3).
    func waitNanoseconds(standard: UInt64) -> UInt64 {
        if let waitSeconds { return UInt64(waitSeconds) * 1_000_000_000 }
        return respondsAsync ? 0 : standard
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" || first == "\"" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" || last == "\"" { text.removeLast() }
        return String(text)
    }
}
