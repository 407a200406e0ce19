import CLibpq
package import SaleCore
import SaleService

/// The one owner of a result. Values are read in Postgres's binary form; a column that is null, or
/// not of the type asked for, is a programmer's error.
@safe
package struct PostgresResult: ~Copyable {
    private let result: OpaquePointer

    init(owning result: OpaquePointer) {
        unsafe self.result = result
    }

    deinit {
        unsafe PQclear(result)
    }

    var isError: Bool {
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: false
        default: true
        }
    }

    /// What a pipeline has asked for up to here is done, and committed if it was well.
    var isPipelineSync: Bool { unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC }

    /// The error as a port tells it. Only the primary message: the detail quotes rows, which are
    /// buyers' data.
    func error(_ address: PostgresAddress) -> JournalError {
        let reason = diagnostic(libpq_diag_message_primary) ?? "unknown"
        return JournalError(sqlState: sqlState, reason: address.redacted(reason))
    }

    var sqlState: String { diagnostic(libpq_diag_sqlstate) ?? "" }

    private func diagnostic(_ field: Int32) -> String? {
        unsafe PQresultErrorField(result, field).map { unsafe String(cString: $0) }
    }

    /// `INSERT 0 5`, `COMMIT` and so on.
    var commandTag: String { unsafe String(cString: PQcmdStatus(result)) }
    /// Rows that an INSERT, UPDATE, DELETE or SELECT touched.
    package var affectedCount: Int { unsafe Int(String(cString: PQcmdTuples(result))) ?? 0 }
    var columnCount: Int32 { unsafe PQnfields(result) }
    package var rowCount: Int { Int(unsafe PQntuples(result)) }

    package func isNull(_ row: Int, _ column: Int32) -> Bool {
        unsafe PQgetisnull(result, Int32(row), column) == 1
    }

    package func bool(_ row: Int, _ column: Int32) -> Bool {
        unsafe value(row, column, byteCount: 1).loadUnaligned(as: UInt8.self) == 1
    }

    package func int32(_ row: Int, _ column: Int32) -> Int32 {
        unsafe Int32(bigEndian: value(row, column, byteCount: 4).loadUnaligned(as: Int32.self))
    }

    package func int64(_ row: Int, _ column: Int32) -> Int64 {
        unsafe Int64(bigEndian: value(row, column, byteCount: 8).loadUnaligned(as: Int64.self))
    }

    package func timestamp(_ row: Int, _ column: Int32) -> Timestamp {
        Timestamp(postgresMicroseconds: int64(row, column))
    }

    package func order(_ row: Int, _ column: Int32) -> OrderID {
        let bytes = unsafe value(row, column, byteCount: 16)
        return unsafe OrderID(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    package func text(_ row: Int, _ column: Int32) -> String {
        unsafe String(decoding: value(row, column), as: UTF8.self)
    }

    package func optionalText(_ row: Int, _ column: Int32) -> String? {
        isNull(row, column) ? nil : text(row, column)
    }

    /// The elements of a `text[]` without nulls.
    package func texts(_ row: Int, _ column: Int32) -> [String] {
        let bytes = unsafe value(row, column)
        func word(_ offset: Int) -> Int { unsafe Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))) }
        guard word(0) == 1 else { return [] }
        var offset = 20
        return (0..<word(12)).map { _ in
            let start = offset + 4
            offset = start + word(offset)
            return unsafe String(decoding: bytes[start..<offset], as: UTF8.self)
        }
    }

    /// The elements of a `uuid[]` without nulls.
    package func orders(_ row: Int, _ column: Int32) -> [OrderID] {
        let bytes = unsafe value(row, column)
        func word(_ offset: Int) -> Int32 { unsafe Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)) }
        func half(_ offset: Int) -> UInt64 { unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        guard word(0) == 1 else { return [] }
        // Dimensions, null flag, element type, count, lower bound; then each element after its
        // length.
        return (0..<Int(word(12))).map { index in
            let start = 20 + index * 20 + 4
            return OrderID(high: half(start), low: half(start + 8))
        }
    }

    /// The bytes live as long as the result: they must be copied out before the caller returns.
    private func value(_ row: Int, _ column: Int32, byteCount: Int? = nil) -> UnsafeRawBufferPointer {
        let count = Int(unsafe PQgetlength(result, Int32(row), column))
        if let byteCount, count != byteCount { fatalError("column \(column) holds \(count) bytes, not \(byteCount)") }
        return unsafe UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), column), count: count)
    }
}
