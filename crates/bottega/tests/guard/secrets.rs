//! What reaches the log and the disk while people work: run at the noisiest level, with every kind of failure.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;

use crate::contract::{Server, bottega, json};

/// One request over the wire; the status, the head and the body.
fn http(server: &Server, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, head.to_owned(), body.to_owned())
}

fn get(server: &Server, path: &str, headers: &str) -> (u16, String, String) {
    http(server, &format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n"))
}

fn post(server: &Server, path: &str, headers: &str, body: &str) -> (u16, String, String) {
    let length = body.len();
    http(
        server,
        &format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ),
    )
}

/// Every file below a folder, as text.
fn everything(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, into);
        } else {
            into.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn neither_secrets_nor_customers_words_reach_the_log_and_no_secret_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, log) = (folder.path(), folder.path().join("log"));
    let url = format!("sqlite:{}", shop.join("shop.db").display());
    let made = json(bottega(shop, &url).args([
        "user",
        "create",
        "nomesegreto@officina.example",
        "--name",
        "Nomesegreto",
        "--role",
        "administrator",
        "--json",
    ]));
    let password = made["password"].as_str().unwrap().to_owned();
    let token = json(bottega(shop, &url).args([
        "token",
        "create",
        "--for",
        "nomesegreto@officina.example",
        "--name",
        "x",
        "--json",
    ]));
    let token = token["token"].as_str().unwrap().to_owned();
    std::fs::write(
        shop.join("a.mbox"),
        "From x@y.example Fri Nov 20 09:00:00 2026\nFrom: Clientesegreto <indirizzosegreto@casa.example>\n\
         To: banco@officina.example\nSubject: Oggettosegreto\nMessage-ID: <1@casa.example>\n\
         Date: Fri, 20 Nov 2026 09:00:00 +0100\n\nParolasegreta da ieri.\n",
    )
    .unwrap();
    let output = bottega(shop, &url)
        .args(["import", "mbox", "a.mbox", "--source", "posta", "--json"])
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let mut logged = output.stderr;
    let server = Server::start(shop, &url, "trace", Stdio::from(std::fs::File::create(&log).unwrap()));
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let sign_in = |password: &str| {
        let body =
            format!("email=nomesegreto%40officina.example&password={}", web::request::encode(password));
        post(&server, "/sign-in", form, &body)
    };
    let wrong = "passwordsbagliatasegreta";
    sign_in(wrong);
    let (status, head, _) = sign_in(&password);
    let mut secrets = vec![password.clone(), token.clone(), wrong.to_owned()];
    // Where the shop is not set up yet the door leads there; the token works all the same.
    if let Some(cookie) = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")) {
        let session = cookie.split(';').next().unwrap().to_owned();
        secrets.push(session.split_once('=').unwrap().1.to_owned());
        for path in [
            "/today",
            "/conversations?view=all",
            "/people",
            "/search?q=Parolasegreta",
            "/me",
            "/settings/tokens",
        ] {
            get(&server, path, &format!("cookie: {session}\r\n"));
        }
        post(
            &server,
            "/me/password",
            &format!("{form}cookie: {session}\r\n"),
            "csrf=markosegreto&current=vecchiasegreta",
        );
    } else {
        assert!((300..400).contains(&status), "{head}");
    }
    let bearer = format!("authorization: Bearer {token}\r\n");
    let (status, _, people) = get(&server, "/api/v1/people", &bearer);
    assert!(status == 200 && people.contains("Clientesegreto"), "{status} {people}");
    get(&server, "/api/v1/search?q=Parolasegreta", &bearer);
    get(&server, "/api/v1/people?cursor=cursoresegreto", &bearer);
    let json_body = format!("{bearer}content-type: application/json\r\n");
    for body in [
        "{\"channel\":\"phone\",\"text\":\"Parolasegreta\",\"author\":{\"name\":\"Clientesegreto\"}}",
        "{\"channel\":\"Parolasegreta\"}",
        "{\"text\":\"Parolasegreta",
    ] {
        post(&server, "/api/v1/voices", &json_body, body);
    }
    get(
        &server,
        "/nothing/Parolasegreta?token=querysegreta",
        "authorization: Bearer bottega_inventatosegreto\r\n",
    );
    drop(server);
    logged.extend(std::fs::read(&log).unwrap());
    assert!(logged.len() > 100, "the log is noisy: {}", String::from_utf8_lossy(&logged));
    let key = std::fs::read_dir(shop.join("data")).unwrap().map(|entry| entry.unwrap().path());
    let key = key.filter(|path| path.is_file()).find(|path| path.display().to_string().contains("key"));
    let key = key.map(|path| std::fs::read_to_string(path).unwrap_or_default());
    secrets.extend(key.map(|key| key.trim().to_owned()).filter(|key| key.len() > 10));
    let personal = [
        "Clientesegreto",
        "indirizzosegreto",
        "Oggettosegreto",
        "Parolasegreta",
        "nomesegreto",
        "Nomesegreto",
        "cursoresegreto",
        "querysegreta",
        "inventatosegreto",
        "vecchiasegreta",
        "markosegreto",
    ];
    let mut found = Vec::new();
    for secret in secrets.iter().map(String::as_str).chain(personal) {
        for line in String::from_utf8_lossy(&logged).lines().filter(|line| line.contains(secret)) {
            found.push(format!("the log holds {secret}: {line:.300}"));
        }
    }
    let mut files = Vec::new();
    everything(shop, &mut files);
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with("/log") && !path.contains("key")) {
        for secret in secrets.iter().filter(|secret| holds(bytes, secret)) {
            found.push(format!("{path} holds {secret}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
