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
        guard let run = fields["run_id"], let history = fields["master_replid"], let role = fields["role"], let version = fields["redis_version"],
            let aof = fields["aof_enabled"]
        else { return nil }
        // The beginning tells histories apart, and keeps the sale's hash, which holds the run, in
        // Redis's compact form: that ends at 64 bytes.
        identity = StoreIdentity(
            run: "\(run)/\(history.prefix(16))", isPrimary: role == "master", isAppendOnly: aof == "1",
            evictionPolicy: String(fields["maxmemory_policy"] ?? ""), version: String(version),
            isCluster: fields["cluster_enabled"] == "1")
        isLoading = fields["loading"] == "1"
    }
}
