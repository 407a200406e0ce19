import SaleService

/// What `INFO` says, as far as we ask.
struct ServerInfo: Sendable, Equatable {
    let identity: StoreIdentity
    /// Redis still reads its data from the disk and answers nothing else.
    let isLoading: Bool

    /// `nil` when the text lacks a field that every Redis has.
    init?(_ text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        guard let run = fields["run_id"], let role = fields["role"], let version = fields["redis_version"], let aof = fields["aof_enabled"]
        else { return nil }
        identity = StoreIdentity(run: String(run), isPrimary: role == "master", isAppendOnly: aof == "1", version: String(version))
        isLoading = fields["loading"] == "1"
    }
}
