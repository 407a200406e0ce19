import Foundation

/// Unix sockets beside the data of private servers: what goes through one costs about a quarter of
/// the same over TCP.
enum UnixSocket {
    /// `sun_path` of unix(7), without the zero that ends it.
    private static let pathBytesMax = 107

    /// Where a server may listen; `nil` where it is reached over TCP alone: in a directory so deep
    /// that the path does not fit, or with a character that separates or quotes paths in settings
    /// and addresses.
    static func path(_ name: String, in directory: ServerDirectory) -> String? {
        let path = directory.file(name)
        let isPlain = path.utf8.allSatisfy { $0 > 0x20 && ![UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\\")].contains($0) }
        return isPlain && path.utf8.count <= pathBytesMax ? path : nil
    }

    /// `text` in a place of a URI where no character but letters, digits and `-._~` stands for
    /// itself (RFC 3986, 2.3), and `plain` ones.
    static func percentEncoded(_ text: String, plain: String = "") -> String {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        return text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: unreserved + plain)) ?? text
    }
}
