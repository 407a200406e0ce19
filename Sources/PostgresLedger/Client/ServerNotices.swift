import CLibpq

/// What Postgres remarks beside its answers. One remark decides: whoever ends the wait of a COMMIT
/// for its synchronous standby makes Postgres answer COMMIT all the same, with a warning that the
/// standby may not have it.
final class ServerNotices {
    /// The last warning without a code of its own, until it is taken.
    private var warning: String?

    func takeWarning() -> String? {
        warning.take()
    }

    /// Begins to listen. The connection must be closed before this object goes.
    func listen(on connection: OpaquePointer) {
        _ = unsafe PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context = unsafe context, let result = unsafe result else { return }
                unsafe Unmanaged<ServerNotices>.fromOpaque(context).takeUnretainedValue().note(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// - Parameter result: libpq's own; it frees it.
    private func note(_ result: OpaquePointer) {
        guard
            unsafe Self.field(libpq_diag_severity, of: result) == "WARNING",
            unsafe Self.field(libpq_diag_sqlstate, of: result) == SQLState.warning
        else { return }
        warning = unsafe Self.field(libpq_diag_message_primary, of: result) ?? ""
    }

    private static func field(_ field: Int32, of result: OpaquePointer) -> String? {
        unsafe PQresultErrorField(result, field).map { unsafe String(cString: $0) }
    }
}
